import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readTensors, writeTensors } from '../../../bench/peers/tensor_file.ts';
import { inputsFile, writeInputs } from '../../../bench/peers/workload.ts';
import { FormatError } from '../../../src/errors.ts';
import { encodeSafetensors } from '../../../src/io/safetensors.ts';

test('tensors come back as they were, and inputs are an image with labels of both kinds', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'peers-test-'));
  try {
    const file = join(folder, 'x.safetensors');
    const tensors = new Map([['a.weight', { shape: [1, 2], data: Float32Array.of(1, -2) }]]);
    await writeTensors(file, tensors);
    expect(await readTensors(file)).toEqual(tensors);

    await writeInputs(folder, [16, 16, 32]);
    const inputs = await readTensors(inputsFile(folder, [16, 16, 32]));
    expect(inputs.get('image')!.shape).toEqual([1, 1, 16, 16, 32]);
    expect(new Set(inputs.get('label')!.data)).toEqual(new Set([0, 1]));

    await writeFile(file, encodeSafetensors({ a: { shape: [1], data: Int32Array.of(1) } }));
    await expect(readTensors(file)).rejects.toThrow(FormatError);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
