import { type PartialPatchConfig, patchConfig } from '../../src/patch/patch_config.ts';
import { preprocessingOf } from '../../src/patch/preprocessing.ts';
import { encodeModel } from '../../src/train/checkpoint.ts';
import { IDENTITY_CONFIG, identityWeights } from './identity_network.ts';

/** A model file whose class 1 is where a scan is above `threshold`. */
export function identityModelFile(options: PartialPatchConfig = {}, threshold = 0): Uint8Array {
  const config = patchConfig({ patchSize: [8, 8, 8], ...options });
  return encodeModel({
    architecture: { name: 'UNet', ...IDENTITY_CONFIG },
    patchConfig: config,
    preprocessing: preprocessingOf(config),
    classNames: ['background', 'object'],
    stateDict: identityWeights(threshold),
  });
}
