/** Every setting of patch-based training and inference, under the tutorial's names. */
import * as z from 'zod';
import { ConfigError } from '../errors.ts';
import type { Triple } from '../shape.ts';
import { checkOverlap, scaledOverlap } from './patch_overlap.ts';
import {
  type PatchSizeOptions,
  type SizedDataset,
  suggestPatchSize,
} from './suggest_patch_size.ts';

const voxels = z.int().positive();
const triple = <T extends z.ZodType>(item: T) => z.tuple([item, item, item]).readonly();
const labelName = z.string().regex(/^\d+$/, 'is not a label: a whole number from 0');

const schema = z.strictObject({
  /** Voxels, `[i, j, k]`. */
  patchSize: triple(voxels).default([96, 96, 96]),
  /** A fraction of the patch between 0 and 1, or voxels, or voxels per axis. */
  patchOverlap: z
    .union([z.number(), triple(z.int())], 'Pass a fraction, voxels, or whole voxels per axis')
    .default(0),
  /** Patches per volume and epoch. */
  samplesPerVolume: z.int().positive().default(8),
  /** How training patches are placed; 'weighted' is legal here but no sampler is built for it. */
  samplerType: z.enum(['uniform', 'label', 'weighted']).default('uniform'),
  /** Weight per label value, for 'label'; null: every label above 0, voxel by voxel. */
  labelProbabilities: z
    .record(labelName, z.number().nonnegative())
    .readonly()
    .nullable()
    .default(null),
  /** Patches among which training shuffles. */
  queueLength: z.int().positive().default(300),
  /** Threads that read volumes ahead; no more than there are cores are started. */
  queueNumWorkers: z.int().nonnegative().default(4),
  /** How overlapping predictions are blended. */
  aggregationMode: z.enum(['crop', 'average', 'hann']).default('hann'),
  /** Bring volumes to RAS+ first. */
  applyReorder: z.boolean().default(true),
  /** Millimetres per voxel, `[i, j, k]`; null keeps each volume's own. */
  targetSpacing: triple(z.number().positive()).nullable().default(null),
  /** The files are already reordered, resampled and normalised: training skips that, inference never does. */
  preprocessed: z.boolean().default(false),
  /** Value around volumes that are smaller than the patch, or a rule for it. */
  paddingMode: z
    .union(
      [
        z.number(),
        z.enum(['minimum', 'maximum', 'mean', 'median', 'edge', 'reflect', 'symmetric', 'wrap']),
      ],
      "Pass a number or 'minimum', 'maximum', 'mean', 'median', 'edge', 'reflect', 'symmetric', 'wrap'",
    )
    .default(0),
  /** Drop all but the largest connected component of each class of a prediction. */
  keepLargestComponent: z.boolean().default(false),
  /** One-channel networks: foreground where the sigmoid reaches this. */
  binaryThreshold: z.number().min(0).max(1).default(0.5),
  /** Transforms before patches are cut, as specs; null: none recorded. */
  normalization: z
    .array(
      z.strictObject({ name: z.string(), params: z.record(z.string(), z.unknown()) }).readonly(),
    )
    .readonly()
    .nullable()
    .default(null),
});

export type PatchConfig = Readonly<z.output<typeof schema>>;
export type PartialPatchConfig = Readonly<z.input<typeof schema>>;

/** The schema's own account of what is wrong, as one error of ours. */
function configError(issues: readonly z.core.$ZodIssue[]): ConfigError {
  const [issue] = issues;
  if (issue?.code === 'unrecognized_keys') {
    return new ConfigError(
      `patchConfig: unknown setting ${issue.keys.map((key) => `'${key}'`).join(', ')}. Legal settings: ${Object.keys(schema.shape).join(', ')}. Remove it or correct its name.`,
    );
  }
  const path = issue?.path.join('.') || 'the configuration';
  return new ConfigError(
    `patchConfig: ${path} has no legal value. Got ${JSON.stringify(issue?.input)}. ${issue?.message}.`,
  );
}

/**
 * A complete configuration: defaults filled in, every value checked.
 *
 * @param partial   settings that differ from the defaults, e.g. read from JSON
 * @param onWarning receives what is legal but probably not meant
 * @throws ConfigError for an unknown setting or a value outside its range
 * @see fastMONAI PatchConfig
 */
export function patchConfig(
  partial: PartialPatchConfig | Record<string, unknown> = {},
  onWarning: (message: string) => void = () => {},
): PatchConfig {
  const parsed = schema.safeParse(partial, { reportInput: true });
  if (!parsed.success) throw configError(parsed.error.issues);
  const config = parsed.data;
  checkOverlap(config.patchOverlap, config.patchSize);
  const { labelProbabilities } = config;
  if (labelProbabilities && !Object.values(labelProbabilities).some((weight) => weight > 0)) {
    throw new ConfigError(
      `patchConfig: labelProbabilities give no label a chance. Got ${JSON.stringify(labelProbabilities)}. Make at least one weight positive.`,
    );
  }
  if (config.patchSize.some((size) => size % 16 !== 0)) {
    onWarning(
      `patchSize [${config.patchSize}] is not divisible by 16 on every axis: a network with four strided levels needs that.`,
    );
  }
  return config;
}

/**
 * The same configuration with patches of another size, for inference where memory is short. Overlap
 * in voxels is scaled along, a fraction stays; volumes are padded to the new size.
 *
 * @throws ConfigError as `patchConfig`
 * @see MONAI sliding_window_inference, whose roi_size is free too
 */
export function withPatchSize(config: PatchConfig, patchSize: Triple): PatchConfig {
  const patchOverlap = scaledOverlap(config.patchOverlap, config.patchSize, patchSize);
  return patchConfig({ ...config, patchSize, patchOverlap });
}

export interface FromDatasetOptions extends PartialPatchConfig {
  readonly minPatchSize?: Triple;
  readonly maxPatchSize?: Triple;
  readonly divisor?: number;
}

export const PatchConfig = {
  /**
   * A configuration with the spacing and the patch size that suit a data set, and its `applyReorder`.
   *
   * @param options  bounds of the patch size, and settings that win over what the data set suggests
   * @param onWarning receives what is legal but probably not meant
   * @throws ConfigError as `patchConfig`, `suggestPatchSize`, and for a data set without images
   * @see fastMONAI PatchConfig.from_dataset
   */
  fromDataset(
    dataset: SizedDataset,
    options: FromDatasetOptions = {},
    onWarning: PatchSizeOptions['onWarning'] = () => {},
  ): PatchConfig {
    const { minPatchSize, maxPatchSize, divisor, ...given } = options;
    const targetSpacing = given.targetSpacing ?? dataset.getSuggestion().targetSpacing;
    const bounds = { minPatchSize, maxPatchSize, divisor };
    return patchConfig(
      {
        applyReorder: dataset.applyReorder,
        ...given,
        targetSpacing,
        patchSize:
          given.patchSize ?? suggestPatchSize(dataset, { ...bounds, targetSpacing, onWarning }),
      },
      onWarning,
    );
  },
};
