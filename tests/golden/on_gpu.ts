/** The GPU's word beside that of a transform: golden cases judge both. */
import type { Gpu } from '../../src/gpu/device.ts';
import type { Volume } from '../../src/io/volume.ts';
import type { AugmentationStage } from '../../src/patch/deferred.ts';
import { augmentBatch } from '../../src/train/augment_batch.ts';
import type { GoldenCase, GoldenResult } from './case.ts';

/** One volume as a batch on an identity affine, after one stage with these parameters. */
export async function imageOnGpu(
  gpu: Gpu,
  { data, shape }: Volume,
  name: string,
  params: AugmentationStage['samples'][number],
): Promise<Float32Array> {
  using scope = gpu.scope();
  const [, ...size] = shape;
  const image = scope.upload(Float32Array.from(data), [1, ...shape]);
  const target = scope.upload(new Uint32Array(size[0] * size[1] * size[2]), [1, 1, ...size]);
  const stage = { name, samples: [params] };
  return gpu.read(augmentBatch(scope, { image, target }, [stage]).image);
}

/** Of each element the value, of the two, that is farther from what the case expects. */
export function farther(
  c: GoldenCase,
  output: string,
  cpu: ArrayLike<number>,
  gpu: ArrayLike<number>,
): GoldenResult {
  const { data } = c.output(output);
  const distance = (values: ArrayLike<number>, n: number): number =>
    Math.abs(values[n]! - data[n]!);
  return {
    data: Float64Array.from(cpu, (value, n) =>
      distance(gpu, n) > distance(cpu, n) || Number.isNaN(gpu[n]) ? gpu[n]! : value,
    ),
  };
}
