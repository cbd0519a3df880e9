/** A trained model as one safetensors file: weights under MONAI's names, and how to use them. */
import { FormatError } from '../errors.ts';
import type { Gpu } from '../gpu/device.ts';
import { decodeSafetensors, encodeSafetensors } from '../io/safetensors.ts';
import type { StateDict } from '../nn/module.ts';
import { UNet } from '../nn/unet.ts';
import { Rng } from '../rng.ts';
import { showShape } from '../shape.ts';
import {
  type Architecture,
  describeModel,
  type ModelDescription,
  parseModelDescription,
} from './model_description.ts';

const KEY = 'voxgrad';

export interface DecodedModel extends ModelDescription {
  readonly stateDict: StateDict;
}

/**
 * Bytes of a model file. The same model gives the same bytes: there is no date in it.
 *
 * @throws FormatError if the parts of the description contradict each other
 */
export function encodeModel({ stateDict, ...description }: DecodedModel): Uint8Array {
  return encodeSafetensors(stateDict, { [KEY]: describeModel(description) });
}

/**
 * @throws FormatError for bytes that are no safetensors file, have no `voxgrad` entry, or hold
 *   values that are not numbers
 * @throws ConfigError for settings outside their legal values
 */
export function decodeModel(bytes: Uint8Array): DecodedModel {
  const { tensors, metadata } = decodeSafetensors(bytes);
  const text = metadata[KEY];
  if (text === undefined) {
    throw new FormatError(
      `decodeModel: this safetensors file does not say what network it is. Its metadata has ${Object.keys(metadata).join(', ') || 'nothing'}, not '${KEY}'. Use a file that 'train' wrote.`,
    );
  }
  const stateDict: StateDict = new Map();
  for (const [name, { shape, data }] of tensors) {
    const values = data instanceof Float32Array ? data : Float32Array.from(data, Number);
    if (!values.every(Number.isFinite)) {
      throw new FormatError(
        `decodeModel: weights are not finite. '${name}' holds NaN or infinity. Train again with a lower learning rate.`,
      );
    }
    stateDict.set(name, { shape, data: values });
  }
  return { ...parseModelDescription(text), stateDict };
}

/**
 * The network of a model file, ready for inference. The caller disposes it.
 *
 * @throws ConfigError or ShapeError if the weights do not fit the architecture
 */
export function buildModel(gpu: Gpu, { architecture, stateDict }: DecodedModel): UNet {
  checkWidths(architecture, stateDict);
  const { name: _, ...options } = architecture;
  const model = new UNet(gpu, Rng.seed(0), options);
  try {
    model.loadStateDict(stateDict);
  } catch (error) {
    model.dispose();
    throw error;
  }
  return model;
}

/** Widths that no weight has are refused before memory is allocated for them. */
function checkWidths(
  { inChannels, channels, numResUnits }: Architecture,
  weights: StateDict,
): void {
  const sizes = new Set([...weights.values()].flatMap(({ shape }) => shape));
  const stranger = [inChannels, ...channels].find((width) => !sizes.has(width));
  if (stranger === undefined && numResUnits <= weights.size) return;
  throw new FormatError(
    `buildModel: weights and architecture contradict each other. Got channels ${showShape([inChannels, ...channels])} and ${numResUnits} residual units for ${weights.size} tensors. Use the file as 'train' wrote it.`,
  );
}
