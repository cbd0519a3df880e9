import type { Gpu } from '../../src/gpu/device.ts';
import { UNet } from '../../src/nn/unet.ts';
import type { UNetOptions } from '../../src/nn/unet_config.ts';
import { Rng } from '../../src/rng.ts';
import type { Batch, BatchLoader } from '../../src/train/batch.ts';

const SIZE = 8;

/** Noise with a bright cube somewhere; the cube is class 1. */
export function toyBatch(seed: number, samples = 2): Batch {
  const rng = Rng.seed(seed);
  const image = new Float32Array(samples * SIZE ** 3);
  const label = new Uint32Array(image.length);
  for (let n = 0; n < samples; n++) {
    const start = [rng.integer(4), rng.integer(4), rng.integer(4)];
    for (let voxel = 0; voxel < SIZE ** 3; voxel++) {
      const at = [Math.floor(voxel / SIZE ** 2), Math.floor(voxel / SIZE) % SIZE, voxel % SIZE];
      const inside = at.every((i, axis) => i >= start[axis]! && i < start[axis]! + 4);
      image[n * SIZE ** 3 + voxel] = (inside ? 2 : 0) + 0.3 * rng.normal();
      label[n * SIZE ** 3 + voxel] = inside ? 1 : 0;
    }
  }
  const shape = [samples, 1, SIZE, SIZE, SIZE];
  return { image, imageShape: shape, label, labelShape: shape };
}

/** The same batches for the same epoch. */
export function toyLoader(batches: number, seed = 0): BatchLoader {
  return {
    batches,
    *epoch(epoch, { firstBatch = 0 } = {}) {
      for (let n = firstBatch; n < batches; n++) yield toyBatch(1000 * seed + 100 * epoch + n);
    },
  };
}

export function toyNetwork(gpu: Gpu, options: Partial<UNetOptions> = {}): UNet {
  return new UNet(gpu, Rng.seed(7), {
    inChannels: 1,
    outChannels: 2,
    channels: [4, 8],
    strides: [2],
    numResUnits: 2,
    ...options,
  });
}
