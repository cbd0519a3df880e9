import type { Volume } from '../../../src/io/volume.ts';
import { affineForward } from '../../../src/kernels/affine.ts';
import { affine, type Motion, sourceIndices } from '../../../src/patch/transforms/affine.ts';
import { Rng } from '../../../src/rng.ts';
import type { GoldenCase, GoldenHandler } from '../case.ts';
import { farther } from '../on_gpu.ts';
import { volumeOf } from '../volume_of.ts';

/** Image and labels by the GPU's op, on the grid of the case. */
async function onGpu(c: GoldenCase, image: Volume, label: Volume, source: readonly number[]) {
  using scope = c.gpu.scope();
  const { y, moved } = affineForward(
    scope,
    scope.upload(Float32Array.from(image.data), [1, ...image.shape]),
    scope.upload(Uint32Array.from(label.data), [1, ...label.shape]),
    scope.upload(Float32Array.from(source.slice(0, 12)), [1, 3, 4]),
    c.params.pad ?? 0,
  );
  return { image: await c.gpu.read(y), label: await c.gpu.read<'u32'>(moved) };
}

/** Whether single precision may find another voxel the nearest, or another side of the border. */
function isTie([, , J, K]: Volume['shape'], source: readonly number[], voxel: number): boolean {
  const at = [Math.floor(voxel / (J * K)), Math.floor(voxel / K) % J, voxel % K, 1];
  return [0, 4, 8].some((row) => {
    const position = at.reduce((sum, index, n) => sum + index * source[row + n]!, 0);
    return Math.abs(position - Math.floor(position) - 0.5) < 1e-5;
  });
}

export const handler: GoldenHandler = async (c) => {
  const { scales, degrees, translation, center = 'image', pad = 0 } = c.params;
  const transform = affine({ scales, degrees, translation, center, defaultPadValue: pad });
  const [image, label] = [volumeOf(c, 'image'), volumeOf(c, 'label')];
  const moved = transform.apply({ name: c.name, image, label }, Rng.seed(0));
  const cpu = { image: moved.image.data, label: moved.label!.data };
  // Padding by a statistic has no op.
  if (typeof pad !== 'number') {
    return { image_out: { data: cpu.image }, label_out: { data: cpu.label } };
  }
  const source = sourceIndices(image, transform.params as unknown as Motion, center);
  const gpu = await onGpu(c, image, label, source);
  const voxels = label.data.length;
  const decided = (values: ArrayLike<number>, instead: ArrayLike<number>) =>
    Float64Array.from(values, (value, n) =>
      isTie(image.shape, source, n % voxels) ? instead[n]! : value,
    );
  return {
    image_out: farther(c, 'image_out', cpu.image, decided(gpu.image, cpu.image)),
    label_out: farther(c, 'label_out', cpu.label, decided(gpu.label, cpu.label)),
  };
};
