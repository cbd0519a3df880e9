import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { encodeSafetensors } from '../../../src/io/safetensors.ts';
import { parameterCount } from '../../../src/node/runs/parameter_count.ts';
import { inTemporaryFolder } from '../../helpers/cli.ts';

it('counts the elements of all tensors, and knows what is no safetensors file', () =>
  inTemporaryFolder(async (folder) => {
    const path = join(folder, 'model.safetensors');
    const tensors = {
      a: { shape: [2, 3], data: new Float32Array(6) },
      b: { shape: [1], data: new Float32Array(1) },
    };
    await writeFile(path, encodeSafetensors(tensors, { voxgrad: '{}' }));
    expect(await parameterCount(path)).toBe(7);
    await writeFile(path, 'no model');
    expect(await parameterCount(path)).toBeUndefined();
    expect(await parameterCount(join(folder, 'none'))).toBeUndefined();
  }));
