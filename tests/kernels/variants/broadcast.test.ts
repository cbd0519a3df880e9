import { expect, test } from 'vitest';
import { BROADCAST, BROADCAST_TRANSPOSED } from '../../../src/kernels/variants/broadcast.ts';
import type { Traits } from '../../../src/kernels/variants/variant.ts';
import { conv3dSizes, convTranspose3dSizes } from '../../../src/shape.ts';

const capable: Traits = {
  software: true,
  slowCompiler: false,
  subgroups: true,
  subgroupMinSize: 8,
  f16: false,
  workgroupBytes: 32768,
  workgroupThreads: 256,
  dtype: 'f32',
};

const plain = conv3dSizes('test', [1, 8, 9, 9, 9], [8, 8, 3, 3, 3], { padding: 1 });
const upwards = convTranspose3dSizes('test', [1, 8, 4, 4, 4], [8, 8, 3, 3, 3], {
  stride: 2,
  padding: 1,
  outputPadding: 1,
});
const suiting = (traits: Traits): string[] => [
  ...BROADCAST.filter(({ suits }) => suits(traits, plain)).map(({ name }) => name),
  ...BROADCAST_TRANSPOSED.filter(({ suits }) => suits(traits, upwards)).map(({ name }) => name),
];

test('kernels that hand operands around need as many lanes as they load operands', () => {
  expect(suiting(capable)).toContain('broadcast4x8');
  expect(suiting(capable)).toContain('broadcast_parity4x8');
  expect(suiting({ ...capable, subgroupMinSize: 4 })).not.toContain('broadcast4x8');
});

test('a driver that takes minutes to compile them never gets one', () => {
  expect(suiting({ ...capable, slowCompiler: true })).toEqual([]);
});
