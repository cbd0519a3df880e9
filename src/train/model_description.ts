/** What a model file says about itself: all that `predict` must know, so that no flag can contradict it. */
import * as z from 'zod';
import { FormatError } from '../errors.ts';
import { type UNetConfig, unetConfig } from '../nn/unet_config.ts';
import { type PatchConfig, patchConfig } from '../patch/patch_config.ts';
import {
  type Preprocessing,
  preprocessingOf,
  preprocessingTransforms,
} from '../patch/preprocessing.ts';
import { showShape } from '../shape.ts';
import { divisorOf } from './plan.ts';

/** Of the JSON, not of the program. */
export const MODEL_VERSION = 1;

export interface Architecture extends UNetConfig {
  readonly name: 'UNet';
}

export interface ModelDescription {
  readonly architecture: Architecture;
  readonly patchConfig: PatchConfig;
  /** What happens to a scan before the network sees it; what `patchConfig` asks for. */
  readonly preprocessing: Preprocessing;
  /** By label value; the first is the background. */
  readonly classNames: readonly string[];
}

const count = z.int().positive();
const triple = z.tuple([count, count, count]).readonly();

const architectureSchema = z.strictObject({
  name: z.literal('UNet'),
  inChannels: count,
  outChannels: count,
  channels: z.array(count).readonly(),
  strides: z.array(triple).readonly(),
  kernelSize: triple,
  upKernelSize: triple,
  numResUnits: z.int().nonnegative(),
  act: z.enum(['prelu', 'relu']),
  norm: z.enum(['instance', 'instance_affine', 'none']),
  dropout: z.number(),
  bias: z.boolean(),
});

const schema = z.strictObject({
  version: z.literal(MODEL_VERSION),
  architecture: architectureSchema,
  patchConfig: z.record(z.string(), z.unknown()),
  preprocessing: z.unknown(),
  classNames: z.array(z.string().min(1)).min(2).readonly(),
});

function fail(what: string, got: string): never {
  throw new FormatError(
    `modelDescription: ${what}. ${got}. Write model files with encodeModel; a file of a newer version needs a newer program.`,
  );
}

/** Text that does not depend on the order of keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/** One channel tells foreground from background by a sigmoid. */
const classesOf = (outChannels: number): number => Math.max(2, outChannels);

function checkConsistent({
  architecture,
  patchConfig: config,
  preprocessing,
  classNames,
}: ModelDescription): void {
  if (classNames.length !== classesOf(architecture.outChannels)) {
    fail(
      `${architecture.outChannels} output channels need ${classesOf(architecture.outChannels)} class names`,
      `Got ${JSON.stringify(classNames)}`,
    );
  }
  const divisor = divisorOf(architecture.strides);
  if (config.patchSize.some((size, axis) => size % divisor[axis]! !== 0)) {
    fail(
      'the patch size does not fit the strides',
      `Got patchSize ${showShape(config.patchSize)} for strides whose product is ${showShape(divisor)} [i,j,k]`,
    );
  }
  if (canonical(preprocessing) !== canonical(preprocessingOf(config))) {
    fail(
      'patchConfig and preprocessing contradict each other',
      `Got ${JSON.stringify(preprocessing)}, the configuration asks for ${JSON.stringify(preprocessingOf(config))}`,
    );
  }
  preprocessingTransforms(preprocessing.transforms);
}

/** The same description gives the same text. Throws FormatError if its parts contradict each other. */
export function describeModel(description: ModelDescription): string {
  checkConsistent(description);
  const { architecture, patchConfig: config, preprocessing, classNames } = description;
  return canonical({
    version: MODEL_VERSION,
    architecture,
    patchConfig: config,
    preprocessing,
    classNames,
  });
}

/**
 * @throws FormatError for text that is no description of this version
 * @throws ConfigError for settings outside their legal values
 */
export function parseModelDescription(text: string): ModelDescription {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    fail('the description is not JSON', String(error));
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    fail(
      'the description is not of this version',
      `${issue?.path.join('.') || 'description'}: ${issue?.message}`,
    );
  }
  const { architecture, classNames } = parsed.data;
  const config = patchConfig(parsed.data.patchConfig);
  const description: ModelDescription = {
    architecture: { name: 'UNet', ...unetConfig(architecture) },
    patchConfig: config,
    preprocessing: preprocessingOf(config),
    classNames,
  };
  checkConsistent({ ...description, preprocessing: parsed.data.preprocessing as Preprocessing });
  return description;
}
