/** Are the gradients of a whole training step right? One question for all parameters at once. */
import type { Gpu } from '../src/gpu/device.ts';
import type { NamedParameter } from '../src/nn/module.ts';

/** Change of the loss to aim at, as a share of it: well above rounding, and still linear. */
const SHARE = 2e-4;

const dot = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, n) => sum + value * b[n]!, 0);

/**
 * Moves all parameters a little along their gradients and back, and compares the change of the loss
 * with what the gradients predict. Each tensor moves equally far, so that a layer with a small
 * gradient counts as much as its neighbours: a wrong one shows as some per cent.
 *
 * @param gradients one per parameter
 * @param lossAt computes the loss where the parameters are
 * @returns |measured / predicted - 1|; NaN if something is not finite or a weight has no gradient.
 *   The parameters are restored
 */
export async function gradientError(
  gpu: Gpu,
  parameters: readonly NamedParameter[],
  gradients: readonly Float32Array[],
  lossAt: () => Promise<number>,
): Promise<number> {
  const norms = gradients.map((gradient) => Math.sqrt(dot(gradient, gradient)));
  // Only biases may have none: those before a norm change nothing.
  if (parameters.some(({ weightDecay }, n) => weightDecay && norms[n] === 0)) return Number.NaN;
  const loss = await lossAt();
  const h = (SHARE * loss) / norms.reduce((sum, norm) => sum + norm, 0);
  const values: Float32Array[] = [];
  for (const { parameter } of parameters) values.push(await gpu.read(parameter.value));
  const lossAlong = (step: number): Promise<number> => {
    parameters.forEach(({ parameter }, index) => {
      const factor = step / (norms[index] || 1);
      const gradient = gradients[index]!;
      const moved = values[index]!.map((value, n) => value + factor * gradient[n]!);
      gpu.write(parameter.value, moved);
    });
    return lossAt();
  };
  const change = (await lossAlong(h)) - (await lossAlong(-h));
  parameters.forEach(({ parameter }, index) => {
    gpu.write(parameter.value, values[index]!);
  });
  return Math.abs(change / (2 * SHARE * loss) - 1);
}
