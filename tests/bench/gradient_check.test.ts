import { expect, test } from 'vitest';
import { gradientError } from '../../bench/gradient_check.ts';
import { noise } from '../../bench/inputs.ts';
import { diceCe } from '../../src/autograd/dice_ce.ts';
import { Tape } from '../../src/autograd/tape.ts';
import { Variable } from '../../src/autograd/variable.ts';
import { UNet } from '../../src/nn/unet.ts';
import { Rng } from '../../src/rng.ts';
import { testGpu } from '../helpers/gpu.ts';

test('right gradients pass; a layer that is wrong, scaled or missing shows; weights stay', async () => {
  const gpu = await testGpu();
  const model = new UNet(gpu, Rng.seed(3), {
    inChannels: 1,
    outChannels: 2,
    channels: [4, 8, 16],
    strides: [2, 2],
    numResUnits: 2,
  });
  const shape = [1, 1, 12, 8, 8];
  using scope = gpu.scope();
  const values = noise(768, 1);
  const x = new Variable(scope.upload(values, shape));
  const target = scope.upload(
    Uint32Array.from(values, (value) => Number(value > 0)),
    shape,
  );
  const parameters = model.namedParameters();
  const gradients: Float32Array[] = [];
  {
    using tape = new Tape(gpu);
    tape.backward(diceCe(tape, model.forward(tape, x), target));
    for (const { parameter } of parameters) gradients.push(await gpu.read(parameter.grad!));
  }
  const lossAt = async (): Promise<number> => {
    using tape = new Tape(gpu, { recording: false });
    return (await gpu.read(diceCe(tape, model.forward(tape, x), target).value))[0]!;
  };
  const error = (changed: readonly Float32Array[]): Promise<number> =>
    gradientError(gpu, parameters, changed, lossAt);
  const before = await model.stateDict();
  expect(await error(gradients)).toBeLessThan(0.005);
  expect(await model.stateDict()).toEqual(before);

  const layer = parameters.findIndex(({ name }) => name === 'model.2.0.conv.weight');
  const changed = (change: (gradient: Float32Array) => Float32Array): Float32Array[] =>
    gradients.map((gradient, n) => (n === layer ? change(gradient) : gradient));
  expect(await error(changed((g) => g.toReversed()))).toBeGreaterThan(0.01);
  expect(await error(changed((g) => g.map((value) => 0.7 * value)))).toBeGreaterThan(0.01);
  expect(await error(changed((g) => g.map(() => 0)))).toBeNaN();
  expect(await error(changed((g) => g.map(() => Number.NaN)))).toBeNaN();
  model.dispose();
});
