/** What every engine computes: the inputs, and where they and the weights lie. */
import { join } from 'node:path';
import { product, type Triple } from '../../src/shape.ts';
import { noise } from '../inputs.ts';
import { type NamedTensor, writeTensors } from './tensor_file.ts';

export type Work = 'forward' | 'step';

export const weightsFile = (folder: string): string => join(folder, 'weights.safetensors');

export const inputsFile = (folder: string, size: Triple): string =>
  join(folder, `inputs_${size.join('x')}.safetensors`);

/**
 * Image [1, 1, D, H, W] and labels like it, 0 or 1: those of the first sample of `voxgrad bench`.
 *
 * @param size [D, H, W]
 */
export function inputsOf(size: Triple): Map<'image' | 'label', NamedTensor> {
  const shape = [1, 1, ...size];
  const image = noise(product(size), 100);
  return new Map([
    ['image', { shape, data: image }],
    ['label', { shape, data: image.map((value) => (value > 0.9 ? 1 : 0)) }],
  ]);
}

export async function writeInputs(folder: string, size: Triple): Promise<void> {
  await writeTensors(inputsFile(folder, size), inputsOf(size));
}

/** Settings of the optimiser, those of `voxgrad bench`; engines use what their own Adam has. */
export const ADAM = { lr: 1e-4, beta1: 0.9, beta2: 0.99, eps: 1e-5 } as const;

/** Smoothing of the Dice term, above and below the fraction. @see MONAI DiceLoss */
export const DICE_SMOOTH = 1e-5;

/** @see torch.nn.InstanceNorm3d */
export const NORM_EPS = 1e-5;
