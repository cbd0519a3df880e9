import {
  conv3dBackwardInput,
  conv3dBackwardWeight,
  conv3dForward,
} from '../../../src/kernels/conv3d.ts';
import { sumChannels } from '../../../src/kernels/sum.ts';
import type { GoldenHandler } from '../case.ts';

export const handler: GoldenHandler = async ({ gpu, params, inputNames, input }) => {
  using scope = gpu.scope();
  const upload = (name: string) => {
    const { data, shape } = input(name);
    return scope.upload(Float32Array.from(data), shape, name);
  };
  const { stride, padding, dilation } = params;
  const options = { stride, padding, dilation };
  const [x, w, gy] = [upload('x'), upload('w'), upload('gy')];
  const b = inputNames.includes('b') ? upload('b') : null;
  const y = await gpu.read(conv3dForward(scope, x, w, b, options));
  const gx = await gpu.read(conv3dBackwardInput(scope, x.shape, w, gy, options));
  const gw = await gpu.read(conv3dBackwardWeight(scope, x, w.shape, gy, options));
  const result = { y: { data: y }, gx: { data: gx }, gw: { data: gw } };
  if (!b) return result;
  return { ...result, gb: { data: await gpu.read(sumChannels(scope, gy)) } };
};
