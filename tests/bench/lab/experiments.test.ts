import { expect, test } from 'vitest';
import { CHECKS_OF } from '../../../bench/checks/all.ts';
import { experimentsOf } from '../../../bench/lab/experiments.ts';

test('every op can be tried on awkward sizes and on layers of three patches, under unique names', () => {
  for (const op of Object.keys(CHECKS_OF)) {
    const experiments = experimentsOf(op);
    const names = experiments.map(({ pass, title }) => `${pass} ${title}`);
    expect(new Set(names).size, op).toBe(names.length);
    const groups = new Set(experiments.map(({ group }) => group));
    expect([...groups], op).toEqual([
      'awkward sizes',
      ...[32, 64, 128].map((edge) => `layers of a ${edge}x${edge}x${edge} patch`),
    ]);
  }
});

test('layers are named as in the network', () => {
  const titles = experimentsOf('conv3d').map(({ title }) => title);
  expect(titles).toContain('enc0.conv1: 1x16x32x32x32 to 16 channels, kernel 3, stride 1');
  expect(experimentsOf('conv_transpose3d').some(({ title }) => title.startsWith('dec0.up'))).toBe(
    true,
  );
});
