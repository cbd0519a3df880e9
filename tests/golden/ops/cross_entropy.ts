import { crossEntropyBackward, crossEntropyForward } from '../../../src/kernels/cross_entropy.ts';
import { fill } from '../../../src/kernels/fill.ts';
import type { GoldenHandler } from '../case.ts';

export const handler: GoldenHandler = async (c) => {
  // `scale` says how large the logits are; they are stored scaled.
  const { weight, reduction } = c.params;
  const options = { ...(weight ? { weight } : {}), ...(reduction ? { reduction } : {}) };
  using scope = c.gpu.scope();
  const logits = c.input('logits');
  const labels = c.input('target');
  const [batch, ...spatial] = labels.shape;
  const x = scope.upload(Float32Array.from(logits.data), logits.shape);
  const target = scope.upload(Uint32Array.from(labels.data), [batch!, 1, ...spatial]);
  const { loss, slopes } = crossEntropyForward(scope, x, target, options);
  const dloss = scope.tensor([1]);
  fill(scope, dloss, 1);
  const dlogits = crossEntropyBackward(scope, x, target, slopes, dloss, options);
  return {
    loss: { data: await c.gpu.read(loss) },
    glogits: { data: await c.gpu.read(dlogits) },
  };
};
