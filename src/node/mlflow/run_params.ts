/** A training's settings as MLflow parameters, under fastMONAI's names. */
import * as z from 'zod';

const object = z.record(z.string(), z.unknown());
const specs = z.array(z.object({ name: z.string(), params: object.default({}) })).nullable();

/** Of any version's config.json, what is there. */
const schema = z.object({
  binary: z.boolean().optional(),
  patch: z.looseObject({ normalization: specs.default([]) }).prefault({}),
  augmentations: specs.default([]),
  network: object.default({}),
  training: object.default({}),
});

/** Settings of patches that fastMONAI records. */
const PATCH = [
  'patchSize',
  'patchOverlap',
  'samplesPerVolume',
  'samplerType',
  'labelProbabilities',
  'queueLength',
  'aggregationMode',
  'paddingMode',
  'keepLargestComponent',
];

/** Settings of the training that have a name of fastMONAI's, or are no parameter. */
const NAMED = ['epochs', 'learningRate', 'batchSize', 'memoryGiB'];

export interface RunLength {
  readonly epochs?: number;
  readonly lossName?: string;
}

/** `patchSize` -> `patch_size`, `memoryGiB` -> `memory_gi_b`. */
export const snakeCase = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** As Python's `str` would write it, which is what other runs of an experiment have. */
export function pythonText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (value === null || value === undefined) return 'None';
  if (Array.isArray(value)) return `[${value.map(pythonItem).join(', ')}]`;
  if (typeof value !== 'object') return String(value);
  const items = Object.entries(value).map(
    ([key, item]) => `${/^\d+$/.test(key) ? key : `'${key}'`}: ${pythonItem(item)}`,
  );
  return `{${items.join(', ')}}`;
}

const pythonItem = (value: unknown): string =>
  typeof value === 'string' ? `'${value}'` : pythonText(value);

/**
 * Name and text of every parameter; what is null or missing is left out. Besides fastMONAI's names there
 * are `augmentations`, `network_*`, and the training settings that fastMONAI has not.
 *
 * @param config contents of config.json; {} for what is no configuration
 * @see fastMONAI ModelTrackingCallback._extract_training_params
 */
export function runParams(
  config: unknown,
  { epochs, lossName }: RunLength,
): Record<string, string> {
  const parsed = schema.safeParse(config);
  if (!parsed.success) return {};
  const { binary, patch, augmentations, network, training } = parsed.data;
  const values: Record<string, unknown> = {
    epochs: training.epochs ?? epochs,
    learning_rate: training.learningRate,
    optimizer: 'Adam',
    batch_size: training.batchSize,
    loss_function: lossName,
    size: patch.patchSize,
    target_spacing: patch.targetSpacing,
    apply_reorder: patch.applyReorder,
    transformations: JSON.stringify(patch.normalization ?? [], null, 2),
    ...Object.fromEntries(PATCH.map((name) => [`patch_${snakeCase(name)}`, patch[name]])),
    binary,
    ...(augmentations?.length ? { augmentations: JSON.stringify(augmentations, null, 2) } : {}),
  };
  for (const [name, value] of Object.entries(network)) values[`network_${snakeCase(name)}`] = value;
  for (const [name, value] of Object.entries(training)) {
    if (!NAMED.includes(name)) values[snakeCase(name)] = value;
  }
  return textOf(values);
}

/** Texts of parameters; nulls are left out. */
export function textOf(values: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => value !== null && value !== undefined)
      .map(([name, value]) => [name, pythonText(value)]),
  );
}
