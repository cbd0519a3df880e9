/**
 * What driver and engine say to each other: one JSON object per line, requests on the engine's
 * standard input, one reply for each on its standard output. Lines that are no reply are noise of
 * libraries and are dropped. An engine ends when its input does.
 */
import type { Triple } from '../../src/shape.ts';
import type { Work } from './workload.ts';

export type Request =
  /** Says what it is. Comes first. */
  | { readonly do: 'hello'; readonly threads: number }
  /** Of voxgrad only: writes the weights that all engines load. */
  | { readonly do: 'prepare'; readonly folder: string }
  /** Reads the weights, again too, and the inputs of a size. */
  | { readonly do: 'load'; readonly folder: string; readonly size: Triple }
  /**
   * A forward pass, or a training step that moves the weights. With `save` the logits, or loss and
   * gradients of before the step, go to that file.
   */
  | { readonly do: 'run'; readonly work: Work; readonly save?: string };

export type NumberedRequest = Request & { readonly id: number };

export interface Description {
  /** As a reader would name it: `TensorFlow.js 4.22.0, webgpu`. */
  readonly version: string;
  /** Of engines on WebGPU. */
  readonly adapter?: string;
}

/** What the requests return: `hello` a description, `run` its milliseconds. */
export interface Answers {
  readonly hello: Description;
  readonly prepare: Record<string, never>;
  readonly load: Record<string, never>;
  readonly run: { readonly ms: number };
}

export type Reply =
  | { readonly id: number; readonly ok: Answers[keyof Answers] }
  | { readonly id: number; readonly error: string };

/** The reply in a line, or undefined for a line of something else. */
export function parseReply(line: string): Reply | undefined {
  if (!line.startsWith('{')) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  const { id, ok, error } = value as Record<string, unknown>;
  if (typeof id !== 'number') return undefined;
  if (typeof error === 'string') return { id, error };
  return typeof ok === 'object' && ok !== null
    ? { id, ok: ok as Answers[keyof Answers] }
    : undefined;
}
