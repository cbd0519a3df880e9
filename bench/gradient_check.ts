/** Are the gradients of a whole training step right? One question for all parameters at once. */
import type { Gpu } from '../src/gpu/device.ts';
import type { NamedParameter } from '../src/nn/module.ts';

/** Change of the loss to aim at, as a share of it: far above rounding, and still nearly linear. */
const SHARE = 2e-3;

/**
 * Moves all parameters a little along their gradient and back, and compares the change of the loss
 * with what the gradient predicts, 2 h |g|^2.
 *
 * @param gradients one per parameter
 * @param loss the loss where the parameters are
 * @param lossAt computes it anew
 * @returns |measured / predicted - 1|, NaN if something is not finite; the parameters are restored
 */
export async function gradientError(
  gpu: Gpu,
  parameters: readonly NamedParameter[],
  gradients: readonly Float32Array[],
  loss: number,
  lossAt: () => Promise<number>,
): Promise<number> {
  const values: Float32Array[] = [];
  for (const { parameter } of parameters) values.push(await gpu.read(parameter.value));
  let square = 0;
  for (const gradient of gradients) for (const value of gradient) square += value * value;
  const h = (SHARE * loss) / square;
  const lossAlong = (factor: number): Promise<number> => {
    parameters.forEach(({ parameter }, index) => {
      const gradient = gradients[index]!;
      const moved = values[index]!.map((value, n) => value + factor * gradient[n]!);
      gpu.write(parameter.value, moved);
    });
    return lossAt();
  };
  const measured = (await lossAlong(h)) - (await lossAlong(-h));
  parameters.forEach(({ parameter }, index) => {
    gpu.write(parameter.value, values[index]!);
  });
  return Math.abs(measured / (2 * h * square) - 1);
}
