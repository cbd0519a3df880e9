import { describe, expect, test } from 'vitest';
import { layerFlops, networkFlops, TUTORIAL, unetLayers } from '../../bench/layers.ts';
import { UNet } from '../../src/nn/unet.ts';
import { Rng } from '../../src/rng.ts';
import { product, type Triple } from '../../src/shape.ts';
import { testGpu } from '../helpers/gpu.ts';

const PATCH: Triple = [128, 128, 64];

describe('unetLayers', () => {
  test('are the 23 convolutions of the network, weight for weight', async () => {
    const gpu = await testGpu();
    const model = new UNet(gpu, Rng.seed(1), TUTORIAL);
    const shapes = new Map(
      model.namedParameters().map(({ name, parameter }) => [name, parameter.shape]),
    );
    const layers = unetLayers(PATCH);
    expect(layers.length).toBe(23);
    for (const { op, parameter, kernel, inChannels, outChannels } of layers) {
      const channels = op === 'conv3d' ? [outChannels, inChannels] : [inChannels, outChannels];
      expect(shapes.get(`${parameter}.weight`), parameter).toEqual([
        ...channels,
        ...[kernel, kernel, kernel],
      ]);
    }
    const weights = [...shapes.keys()].filter((name) => /(conv|residual)\.weight$/.test(name));
    expect(new Set(layers.map(({ parameter }) => `${parameter}.weight`))).toEqual(new Set(weights));
    model.dispose();
  });

  test('follow each other in size: what one level writes the next one reads', () => {
    const layers = new Map(unetLayers(PATCH).map((layer) => [layer.name, layer]));
    expect(layers.get('enc0.conv1')!.output).toEqual(layers.get('enc1.conv0')!.input);
    expect(layers.get('bottom.conv1')!.output).toEqual([8, 8, 4]);
    expect(layers.get('dec3.up')!.input).toEqual([8, 8, 4]);
    expect(layers.get('dec0.conv')!.output).toEqual(PATCH);
  });
});

describe('flops', () => {
  test('of the forward pass are 6.067 G multiply-adds, linear in voxels and batch', () => {
    const forward = networkFlops(PATCH, 1, 'forward');
    expect(forward / 2e9).toBeCloseTo(6.067, 3);
    expect(networkFlops([64, 64, 64], 4, 'forward')).toBe(forward);
  });

  test('of a training step are three forward passes without the gradient of the image', () => {
    const image = 2 * (2 * 27 * 16 * (64 * 64 * 32));
    const forward = networkFlops(PATCH, 1, 'forward');
    expect(networkFlops(PATCH, 1, 'training_step')).toBe(3 * forward - image);
  });

  test('of a strided convolution are per voxel of y, of a transposed one per voxel of x', () => {
    const layers = new Map(unetLayers(PATCH).map((layer) => [layer.name, layer]));
    const strided = layers.get('enc1.conv0')!;
    expect(layerFlops(strided)).toBe(2 * 27 * 16 * 32 * product([32, 32, 16]));
    const transposed = layers.get('dec1.up')!;
    expect(layerFlops(transposed)).toBe(2 * 27 * 64 * 16 * product([32, 32, 16]));
    expect(layerFlops(layers.get('bottom.residual')!)).toBe(2 * 128 * 256 * product([8, 8, 4]));
  });
});
