import { type SliceRange, sliceBackward, sliceForward } from '../../../src/kernels/slice.ts';
import { stridesOf } from '../../../src/shape.ts';
import type { GoldenHandler } from '../case.ts';

/** `:,1:,::2` -> one range per axis. */
function parseRanges(text: string): SliceRange[] {
  return text.split(',').map((axis) => {
    const [start, stop, step] = axis.split(':').map((part) => part.trim());
    return {
      ...(start ? { start: Number(start) } : {}),
      ...(stop ? { stop: Number(stop) } : {}),
      ...(step ? { step: Number(step) } : {}),
    };
  });
}

/** Index in a tensor of `shape` for element `n` of `full`; its axes of size 1 are broadcast. */
function broadcastIndex(n: number, full: readonly number[], shape: readonly number[]): number {
  const rows = stridesOf(shape);
  return stridesOf(full).reduce((sum, row, axis) => {
    const position = Math.floor(n / row) % full[axis]!;
    return sum + (shape[axis] === 1 ? 0 : position * rows[axis]!);
  }, 0);
}

/** a[..] * b[..]: slices and their gradients on the GPU, the broadcast product here. */
export const handler: GoldenHandler = async (c) => {
  const found = /^a\[([^\]]*)\] \* b\[([^\]]*)\]/.exec(c.params.expr);
  if (!found) throw new Error(`unknown ${c.params.expr}`);
  const [rangesA, rangesB] = [parseRanges(found[1]!), parseRanges(found[2]!)];
  const { gpu } = c;
  using scope = gpu.scope();
  const [a, b] = [c.input('a'), c.input('b')];
  const sliceA = sliceForward(scope, scope.upload(Float32Array.from(a.data), a.shape), rangesA);
  const sliceB = sliceForward(scope, scope.upload(Float32Array.from(b.data), b.shape), rangesB);
  const [valuesA, valuesB] = [await gpu.read(sliceA), await gpu.read(sliceB)];
  const gy = c.input('gy');
  const y = new Float32Array(gy.data.length);
  const gradA = new Float32Array(sliceA.size);
  const gradB = new Float32Array(sliceB.size);
  for (let n = 0; n < y.length; n++) {
    const atA = broadcastIndex(n, gy.shape, sliceA.shape);
    const atB = broadcastIndex(n, gy.shape, sliceB.shape);
    y[n] = valuesA[atA]! * valuesB[atB]!;
    gradA[atA]! += gy.data[n]! * valuesB[atB]!;
    gradB[atB]! += gy.data[n]! * valuesA[atA]!;
  }
  const ga = sliceBackward(scope, scope.upload(gradA, sliceA.shape), a.shape, rangesA);
  const gb = sliceBackward(scope, scope.upload(gradB, sliceB.shape), b.shape, rangesB);
  return { y: { data: y }, ga: { data: await gpu.read(ga) }, gb: { data: await gpu.read(gb) } };
};
