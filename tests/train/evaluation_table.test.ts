import { expect, test } from 'vitest';
import { metricsTable } from '../../src/train/evaluation.ts';
import { evaluationCsv, evaluationText } from '../../src/train/evaluation_table.ts';

const table = metricsTable([
  { name: 'a,1', dsc: 0.5, hd95: null, sens: 1, ldr: 1, rve: -0.25 },
  { name: 'b', dsc: 1, hd95: 2, sens: 1, ldr: 1, rve: 0 },
]);

test('the table has a row per case, the mean with its deviation, and a dash for what does not exist', () => {
  const lines = evaluationText(table).trimEnd().split('\n');
  expect(lines.length).toBe(4);
  expect(lines[1]).toMatch(/^a,1 .* 0\.500 +- +1\.000 +1\.000 +-0\.250$/);
  expect(lines[3]).toContain('0.750 ± 0.354');
  expect(new Set(lines.map((line) => line.length)).size).toBe(1);
});

test('CSV quotes names and leaves missing values empty', () => {
  const lines = evaluationCsv(table).split('\n');
  expect(lines[0]).toBe('name,label,dsc,hd95,sens,ldr,rve');
  expect(lines[1]).toBe('"a,1",all,0.5,,1,1,-0.25');
  expect(lines[3]).toBe('mean,all,0.75,2,1,1,-0.125');
});
