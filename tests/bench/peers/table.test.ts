import { expect, test } from 'vitest';
import type { Cell, PeersReport } from '../../../bench/peers/report.ts';
import { reportMarkdown } from '../../../bench/peers/table.ts';

const cell = (values: Partial<Cell>): Cell => ({
  engine: 'voxgrad',
  size: [32, 32, 32],
  work: 'forward',
  ms: 100,
  spread: 0.1,
  runs: 3,
  ratio: 1,
  first_ms: 400,
  differences: {},
  right: true,
  ...values,
});

const ADAPTER = 'mesa, llvmpipe (software)';
const WRONG = { worst: 'a.weight', error: 0.5, wrong: ['a.weight'], tensors: 64 };

const report: PeersReport = {
  date: '2026-11-23T10:00:00.000Z',
  command: 'npm run bench:peers -- --sizes 32',
  adapter: ADAPTER,
  processor: 'EPYC',
  threads: 2,
  engines: [
    { name: 'voxgrad', title: 'voxgrad', version: 'voxgrad 0.1.0', adapter: ADAPTER },
    { name: 'slow', title: 'Slow', version: 'slow 2', adapter: 'other' },
    { name: 'ort', title: 'ORT', version: 'ort 3', adapter: null },
    { name: 'none', title: 'None', version: null, adapter: null, error: 'not installed' },
  ],
  cells: [
    cell({ right: null }),
    cell({ engine: 'slow', ms: 1200, ratio: 12, first_ms: 30_000 }),
    cell({ engine: 'ort', ms: 20, ratio: 0.2 }),
    cell({ engine: 'none', ms: null, ratio: null, first_ms: null, error: 'not installed' }),
    cell({ work: 'step', ms: 300, right: null }),
    cell({
      engine: 'slow',
      work: 'step',
      ms: 900,
      ratio: 3,
      right: false,
      differences: { voxgrad: WRONG },
    }),
    cell({ size: [128, 128, 64], ms: 900, right: null }),
    cell({ engine: 'slow', size: [128, 128, 64], ms: null, error: 'dispatch of 70000\nmore' }),
    cell({ engine: 'ort', size: [128, 128, 64], ms: 90, ratio: 0.1 }),
  ],
};

const lines = reportMarkdown(report).split('\n');
const row = (title: string): string[] =>
  lines
    .find((line) => line.startsWith(`| ${title} `))!
    .slice(2, -2)
    .split(' | ');

test('adapter, date, command and versions stand with the table', () => {
  expect(lines[0]).toContain('mesa, llvmpipe (software)');
  expect(lines[0]).toContain('2026-11-23, `npm run bench:peers -- --sizes 32`');
  expect(lines[0]).toContain('with voxgrad 0.1.0; slow 2; ort 3.');
  expect(lines.at(-5)).toContain('not counted: voxgrad 400 ms, 400 ms, 400 ms; Slow 30.0 s,');
});

test('columns are the forward passes of all sizes, then the training steps', () => {
  expect(row('engine').slice(1)).toEqual([
    'forward 32³',
    'forward 128×128×64',
    'training step 32³',
  ]);
});

test('cells hold the time and its ratio to voxgrad, losses included', () => {
  expect(row('voxgrad').slice(1)).toEqual(['100 ms', '900 ms', '300 ms']);
  expect(row('ORT').slice(1)).toEqual(['20.0 ms · 0.200×', '90.0 ms · 0.100×', 'no training']);
});

test('a wrong result has its time in brackets, a failure its reason, and both a note', () => {
  expect(row('Slow').slice(1)).toEqual([
    '1.20 s · 12.0×',
    'fails: dispatch size',
    '(900 ms · 3.00×) wrong gradients',
  ]);
  expect(lines).toContain('* Slow, forward 128×128×64: dispatch of 70000');
  expect(lines).toContain(
    "* Slow, training step 32³: 1 of 64 tensors differ from voxgrad's, most `a.weight`, by 50.0 %",
  );
});

test('an engine on another adapter is noted', () => {
  expect(lines.filter((line) => line.includes('on another adapter'))).toEqual([
    '* Slow: on another adapter, other',
  ]);
});

test('an engine that is not there has one reason for all cells', () => {
  expect(row('None').slice(1)).toEqual(['not installed', 'not installed', 'not installed']);
});
