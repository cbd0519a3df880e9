/**
 * The convolutions of the tutorial's network with their sizes: the work that has to be fast. Derived
 * from its options, in the order of the forward pass, under the names of its parameters.
 */
import type { UNetOptions } from '../src/nn/unet_config.ts';
import { product, type Triple } from '../src/shape.ts';

/** fastMONAI's patch-based heart segmentation: MONAI UNet(3, 1, 2, ..., num_res_units=2). */
export const TUTORIAL = {
  inChannels: 1,
  outChannels: 2,
  channels: [16, 32, 64, 128, 256],
  strides: [2, 2, 2, 2],
  numResUnits: 2,
} as const satisfies UNetOptions;

export interface Layer {
  /** `enc0.conv0` is the first convolution of the top level, `dec3.up` the lowest transposed one. */
  readonly name: string;
  readonly op: 'conv3d' | 'conv_transpose3d';
  /** Of the layer's `weight` and `bias` in the network's state. */
  readonly parameter: string;
  readonly kernel: number;
  readonly stride: number;
  readonly inChannels: number;
  readonly outChannels: number;
  /** Voxels of x and of y, [D, H, W]. */
  readonly input: Triple;
  readonly output: Triple;
}

/** Voxels on `level`: the first convolution of each level halves them. */
const sizeOn = (patch: Triple, level: number): Triple => {
  const along = (voxels: number): number => voxels / 2 ** level;
  return [along(patch[0]), along(patch[1]), along(patch[2])];
};

/** @param patch [D, H, W], each divisible by 16 */
export function unetLayers(patch: Triple): Layer[] {
  const { inChannels, outChannels, channels } = TUTORIAL;
  const bottom = channels.length - 1;
  const layers: Layer[] = [];
  const modules = (level: number): string => `model.${'1.submodule.'.repeat(level)}`;
  for (let level = 0; level <= bottom; level++) {
    const name = level < bottom ? `enc${level}` : 'bottom';
    const parameter = level < bottom ? `${modules(level)}0` : modules(level).slice(0, -1);
    const stride = level < bottom ? 2 : 1;
    const from = { inChannels: channels[level - 1] ?? inChannels, input: sizeOn(patch, level) };
    const to = { outChannels: channels[level]!, output: sizeOn(patch, level + stride - 1) };
    const first = { op: 'conv3d', kernel: 3, stride, ...from, ...to } as const;
    const second = { ...first, stride: 1, inChannels: to.outChannels, input: to.output };
    layers.push(
      { ...first, name: `${name}.conv0`, parameter: `${parameter}.conv.unit0.conv` },
      { ...second, name: `${name}.conv1`, parameter: `${parameter}.conv.unit1.conv` },
      {
        ...first,
        name: `${name}.residual`,
        parameter: `${parameter}.residual`,
        kernel: stride === 1 ? 1 : 3,
      },
    );
  }
  for (let level = bottom - 1; level >= 0; level--) {
    const below = level + 1 === bottom ? channels[bottom]! : channels[level]!;
    const up = {
      op: 'conv_transpose3d',
      kernel: 3,
      stride: 2,
      inChannels: channels[level]! + below,
      outChannels: channels[level - 1] ?? outChannels,
      input: sizeOn(patch, level + 1),
      output: sizeOn(patch, level),
    } as const;
    const conv = { ...up, stride: 1, inChannels: up.outChannels, input: up.output };
    const parameter = `${modules(level)}2`;
    layers.push(
      { ...up, name: `dec${level}.up`, parameter: `${parameter}.0.conv` },
      {
        ...conv,
        op: 'conv3d',
        name: `dec${level}.conv`,
        parameter: `${parameter}.1.conv.unit0.conv`,
      },
    );
  }
  return layers;
}

/**
 * Floating-point operations of one pass over one sample, two per multiply-add. All three passes
 * have the same products. A transposed convolution has one per voxel of x and tap: the zeros of the
 * textbook's stretched input are not work.
 */
export function layerFlops({ op, kernel, inChannels, outChannels, input, output }: Layer): number {
  const voxels = product(op === 'conv3d' ? output : input);
  return 2 * kernel ** 3 * inChannels * outChannels * voxels;
}

/** Of the convolutions alone, as networks are usually compared. */
export function networkFlops(
  patch: Triple,
  batch: number,
  what: 'forward' | 'training_step',
): number {
  const layers = unetLayers(patch);
  const forward = layers.reduce((sum, layer) => sum + layerFlops(layer), 0);
  if (what === 'forward') return batch * forward;
  // Nobody asks for the gradient of the image, which two layers read.
  const unused = layers
    .filter(({ name }) => name === 'enc0.conv0' || name === 'enc0.residual')
    .reduce((sum, layer) => sum + layerFlops(layer), 0);
  return batch * (3 * forward - unused);
}
