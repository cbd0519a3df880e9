/** Tensors in files: how the driver and the engines pass weights, inputs, logits and gradients. */
import { readFile, writeFile } from 'node:fs/promises';
import { FormatError } from '../../src/errors.ts';
import { decodeSafetensors, encodeSafetensors } from '../../src/io/safetensors.ts';

/** Single precision, in PyTorch's layouts: NCDHW, OIDHW, and IODHW for transposed convolutions. */
export interface NamedTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export type Tensors = ReadonlyMap<string, NamedTensor>;

export async function writeTensors(path: string, tensors: Tensors): Promise<void> {
  await writeFile(path, encodeSafetensors(new Map(tensors)));
}

/** Throws FormatError for a file that is no safetensors, or holds another type than f32. */
export async function readTensors(path: string): Promise<Map<string, NamedTensor>> {
  const { tensors } = decodeSafetensors(await readFile(path));
  return new Map(
    [...tensors].map(([name, { shape, data, dtype }]) => {
      if (data instanceof Float32Array) return [name, { shape, data }];
      throw new FormatError(
        `readTensors: peers exchange single precision only. Got '${name}' of ${dtype} in ${path}. Store it as F32.`,
      );
    }),
  );
}
