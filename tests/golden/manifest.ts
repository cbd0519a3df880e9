/** `manifest.json` and the safetensors files beside it, from wherever they come. */
import { decodeSafetensors } from '../../src/io/safetensors.ts';
import { product } from '../../src/shape.ts';
import type { GoldenArray } from './case.ts';
import type { Tolerance } from './compare.ts';
import { hashInit } from './hash_init.ts';

export interface ManifestCase {
  readonly name: string;
  readonly op: string;
  readonly file: string;
  // biome-ignore lint/suspicious/noExplicitAny: the manifest's parameters are free-form JSON.
  readonly params: Record<string, any>;
  readonly inputs: Record<string, string>;
  readonly outputs: Record<string, string>;
  readonly tolerance: Tolerance;
}

/** Content of the file with this path, relative to the manifest. */
export type ReadFile = (path: string) => Uint8Array;

/** The cases of a golden folder. Throws Error for a manifest without cases. */
export function readManifest(read: ReadFile): readonly ManifestCase[] {
  const text = new TextDecoder().decode(read('manifest.json'));
  const { cases } = JSON.parse(text) as { cases?: ManifestCase[] };
  if (!Array.isArray(cases) || cases.length === 0) throw new Error('manifest.json has no cases');
  return cases;
}

/** The tensors of a folder's safetensors files; each file is read once, when first asked for. */
export class TensorFiles {
  private readonly read: ReadFile;
  private readonly files = new Map<string, ReadonlyMap<string, GoldenArray>>();

  constructor(read: ReadFile) {
    this.read = read;
  }

  get(file: string, key: string): GoldenArray {
    const tensor = this.open(file).get(key);
    if (!tensor) throw new Error(`${file} has no tensor '${key}'`);
    return tensor;
  }

  private open(file: string): ReadonlyMap<string, GoldenArray> {
    const known = this.files.get(file);
    if (known) return known;
    const tensors = decode(this.read(file));
    this.files.set(file, tensors);
    return tensors;
  }
}

function decode(bytes: Uint8Array): ReadonlyMap<string, GoldenArray> {
  const tensors = new Map<string, GoldenArray>();
  for (const [name, { data, shape }] of decodeSafetensors(bytes).tensors) {
    const known =
      data instanceof Float32Array ||
      data instanceof Float64Array ||
      data instanceof Int32Array ||
      data instanceof Uint8Array;
    tensors.set(name, { data: known ? data : Int32Array.from(data, Number), shape });
  }
  return tensors;
}

interface HashInitEntry {
  readonly shape: readonly number[];
  readonly scale: number;
  readonly offset: number;
}

const WEIGHT = 'weight:';

/** Weights that the case flags as hash_init instead of storing: `weight:<state_dict key>`. */
export function generatedNames(c: ManifestCase): readonly string[] {
  if (c.params.hash_init !== true) return [];
  const state = (c.params.state ?? {}) as Record<string, HashInitEntry>;
  return Object.keys(state)
    .map((key) => WEIGHT + key)
    .filter((name) => !(name in c.inputs));
}

/** One generated weight of a case. */
export function generatedInput(c: ManifestCase, name: string): GoldenArray {
  const key = name.slice(WEIGHT.length);
  const { shape, scale, offset } = (c.params.state as Record<string, HashInitEntry>)[key]!;
  return { data: hashInit(key, product(shape), Number(c.params.seed), scale, offset), shape };
}

/**
 * An expected output of a case that stores none as tensors: a list of numbers in its parameters, by
 * path, such as `stats.median`.
 */
export function expectedParameter(c: ManifestCase, path: string): GoldenArray {
  const value = path
    .split('.')
    .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], c.params);
  const numbers = [value].flat(Number.POSITIVE_INFINITY);
  if (!numbers.every((number) => typeof number === 'number')) {
    throw new Error(`case has no numbers in its parameter '${path}'`);
  }
  return { data: Float64Array.from(numbers), shape: [numbers.length] };
}
