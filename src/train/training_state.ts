/** An interrupted training run in one safetensors file. */
import * as z from 'zod';
import { FormatError } from '../errors.ts';
import type { ChosenNames } from '../gpu/choices.ts';
import { decodeSafetensors, encodeSafetensors, type SafetensorsInput } from '../io/safetensors.ts';
import type { StateDict } from '../nn/module.ts';
import type { AdamAverages } from './adam.ts';
import type { CallbackState } from './callbacks/callback.ts';
import type { History } from './history.ts';
import type { LossScale } from './loss_scaler.ts';

/** All that the next step depends on. */
export interface TrainingState {
  readonly history: History;
  readonly model: StateDict;
  readonly adam: ReadonlyMap<string, AdamAverages>;
  /** Of a run in half precision. */
  readonly lossScale?: LossScale;
  /** Kernels that computed all this, by `problemKey`: others would give other last digits. */
  readonly kernels?: ChosenNames;
  /** Of callbacks that have one, by name. */
  readonly callbacks?: ReadonlyMap<string, CallbackState>;
}

/** 2: the best weights belong to a callback. */
const VERSION = 2;
const KEY = 'voxgrad_training';

/** JSON has no NaN: it was written as null. */
const number = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN);
const count = z.int().nonnegative();

const schema = z.strictObject({
  version: z.literal(VERSION),
  history: z.strictObject({
    totalSteps: count,
    lrMax: z.number(),
    schedule: z.enum(['one_cycle', 'constant']).exactOptional(),
    lossName: z.string(),
    steps: z.array(
      z.strictObject({
        step: count,
        epoch: count,
        loss: number,
        lr: z.number(),
        momentum: z.number(),
      }),
    ),
    epochs: z.array(
      z.strictObject({
        epoch: count,
        steps: count,
        trainLoss: number,
        validLoss: number,
        accumulatedDice: number,
        accumulatedDicePerClass: z.array(number).exactOptional(),
        isBest: z.boolean(),
        seconds: z.number(),
        dataSeconds: z.number().exactOptional(),
        idleSeconds: z.number().exactOptional(),
      }),
    ),
    stopped: z.string().exactOptional(),
  }),
  adamSteps: z.record(z.string(), count),
  lossScale: z
    .strictObject({ scale: z.number().positive(), goodSteps: count, skippedSteps: count })
    .optional(),
  kernels: z.record(z.string(), z.string()).optional(),
  callbacks: z.record(z.string(), z.unknown()).optional(),
});

/** Bytes of a file from which `decodeTrainingState` continues to the same weights, bit for bit. */
export function encodeTrainingState(state: TrainingState): Uint8Array {
  const { history, model, adam, lossScale, kernels, callbacks = new Map() } = state;
  const tensors = new Map<string, SafetensorsInput>();
  for (const [name, tensor] of model) tensors.set(`model/${name}`, tensor);
  for (const [name, { gradAvg, sqrAvg }] of adam) {
    tensors.set(`grad_avg/${name}`, { shape: [gradAvg.length], data: gradAvg });
    tensors.set(`sqr_avg/${name}`, { shape: [sqrAvg.length], data: sqrAvg });
  }
  const adamSteps = Object.fromEntries([...adam].map(([name, { steps }]) => [name, steps]));
  const values: Record<string, unknown> = {};
  for (const [name, state] of callbacks) {
    values[name] = state.values ?? null;
    for (const [key, tensor] of state.tensors ?? []) tensors.set(`callback/${name}/${key}`, tensor);
  }
  const json = { version: VERSION, history, adamSteps, lossScale, kernels };
  return encodeSafetensors(tensors, {
    [KEY]: JSON.stringify(callbacks.size > 0 ? { ...json, callbacks: values } : json),
  });
}

/** @throws FormatError for bytes that are no training state of this version */
export function decodeTrainingState(bytes: Uint8Array): TrainingState {
  const { tensors, metadata } = decodeSafetensors(bytes);
  let json: unknown;
  try {
    json = JSON.parse(metadata[KEY] ?? 'null');
  } catch {
    json = undefined;
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new FormatError(
      `decodeTrainingState: this is no training state of version ${VERSION}. ${issue?.path.join('.') || 'metadata'}: ${issue?.message}. Start the run again.`,
    );
  }
  const { history, adamSteps, lossScale, kernels, callbacks: values = {} } = parsed.data;
  const part = (prefix: string): StateDict => {
    const state: StateDict = new Map();
    for (const [key, { shape, data }] of tensors) {
      if (!key.startsWith(`${prefix}/`)) continue;
      state.set(key.slice(prefix.length + 1), { shape, data: Float32Array.from(data, Number) });
    }
    return state;
  };
  const [gradAvg, sqrAvg] = [part('grad_avg'), part('sqr_avg')];
  const adam = new Map<string, AdamAverages>();
  for (const [name, steps] of Object.entries(adamSteps)) {
    const averages = { gradAvg: gradAvg.get(name)?.data, sqrAvg: sqrAvg.get(name)?.data };
    if (!averages.gradAvg || !averages.sqrAvg) {
      throw new FormatError(
        `decodeTrainingState: the optimiser state is incomplete. '${name}' has no averages. Start the run again.`,
      );
    }
    adam.set(name, { steps, gradAvg: averages.gradAvg, sqrAvg: averages.sqrAvg });
  }
  const callbacks = new Map<string, CallbackState>();
  for (const [name, value] of Object.entries(values)) {
    const tensors = part(`callback/${name}`);
    callbacks.set(name, {
      ...(value === null ? {} : { values: value }),
      ...(tensors.size > 0 ? { tensors } : {}),
    });
  }
  return {
    history,
    model: part('model'),
    adam,
    ...(lossScale ? { lossScale } : {}),
    ...(kernels ? { kernels } : {}),
    ...(callbacks.size > 0 ? { callbacks } : {}),
  };
}
