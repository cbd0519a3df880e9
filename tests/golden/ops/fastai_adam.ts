import { adamStep } from '../../../src/kernels/adam.ts';
import { oneCycle } from '../../../src/train/one_cycle.ts';
import type { GoldenHandler } from '../case.ts';

export const handler: GoldenHandler = async (c) => {
  const { n, steps, lr, mom = 0.9, wd, do_wd = true, one_cycle = false } = c.params;
  const { sqr_mom: sqrMomentum, eps } = c.params;
  const { gpu } = c;
  using scope = gpu.scope();
  const shape = [n] as const;
  const parameter = scope.upload(Float32Array.from(c.input('p0').data), shape);
  const gradAvg = scope.upload(new Float32Array(n), shape);
  const sqrAvg = scope.upload(new Float32Array(n), shape);
  const gradients = Float32Array.from(c.input('grads').data);
  const trajectory: number[] = [];
  const numbers = Array.from({ length: steps }, (_, k) =>
    one_cycle ? oneCycle(k / steps, { lrMax: lr }) : { lr: lr as number, momentum: mom as number },
  );
  for (const [k, { lr: rate, momentum }] of numbers.entries()) {
    const grad = scope.upload(gradients.subarray(k * n, (k + 1) * n), shape);
    const weightDecay = do_wd ? wd : 0;
    const tensors = { parameter, grad, gradAvg, sqrAvg };
    const rates = { lr: rate, momentum, sqrMomentum, eps, weightDecay, step: k + 1 };
    adamStep(scope, tensors, rates);
    trajectory.push(...(await gpu.read(parameter)));
  }
  return {
    trajectory: { data: trajectory },
    grad_avg: { data: await gpu.read(gradAvg) },
    sqr_avg: { data: await gpu.read(sqrAvg) },
    lr: { data: numbers.map(({ lr: rate }) => rate) },
    mom: { data: numbers.map(({ momentum }) => momentum) },
  };
};
