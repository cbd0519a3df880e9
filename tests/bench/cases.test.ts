import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { casesOf, cubicCases, selectCases } from '../../bench/cases.ts';
import { ConfigError } from '../../src/errors.ts';

const CASES = casesOf([128, 128, 64]);
const label = ({ op, pass, inChannels, outChannels, shape }: (typeof CASES)[number]) =>
  `${op} ${pass} ${inChannels}>${outChannels} ${shape.join('x')}`;

test('every op with a benchmark is measured', () => {
  const files = readdirSync(new URL('../../bench/kernels/', import.meta.url));
  const ops = files.filter((name) => name.endsWith('.bench.ts'));
  expect(new Set(CASES.map(({ op }) => op))).toEqual(
    new Set(ops.map((name) => name.replace('.bench.ts', ''))),
  );
});

test('no two cases measure the same, and all three passes of every convolution are there', () => {
  const labels = CASES.map((bench) => `${label(bench)} k${bench.kernel} s${bench.stride}`);
  expect(new Set(labels).size).toBe(labels.length);
  const passes = CASES.filter(({ op }) => op.startsWith('conv')).length;
  expect(passes).toBe(3 * 16);
});

test('the cubes are there', () => {
  const labels = cubicCases().map(label);
  for (const pass of ['forward', 'backward_input', 'backward_weight']) {
    expect(labels).toEqual(
      expect.arrayContaining([
        `conv3d ${pass} 16>16 64x64x64`,
        `conv3d ${pass} 16>32 64x64x64`,
        `conv3d ${pass} 32>32 32x32x32`,
        `conv3d ${pass} 64>64 16x16x16`,
        `conv3d ${pass} 128>128 8x8x8`,
        `conv_transpose3d ${pass} 64>16 32x32x32`,
      ]),
    );
  }
});

test('work and traffic are those of the layer', () => {
  const [bench] = selectCases(CASES, ['conv3d', 'enc1.conv1', 'forward']);
  expect(bench!.flops).toBe(2 * 27 * 32 * 32 * 16384);
  expect(bench!.bytes).toBe(4 * (2 * 32 * 16384 + 27 * 32 * 32 + 32));
  const [adam] = selectCases(CASES, ['adam']);
  expect(adam!.bytes).toBe(7 * 4 * 4_806_481);
});

describe('selectCases', () => {
  test('words of a kind add up, words of different kinds narrow', () => {
    const found = selectCases(CASES, ['conv3d', 'enc0', 'enc1.conv0', 'forward', 'backward_input']);
    expect(found.map(({ op, layer, pass }) => `${op} ${layer} ${pass}`)).toEqual([
      'conv3d enc0.conv0 forward',
      'conv3d enc0.conv0 backward_input',
      'conv3d enc0.conv1 forward',
      'conv3d enc0.conv1 backward_input',
      'conv3d enc1.conv0 forward',
      'conv3d enc1.conv0 backward_input',
    ]);
    expect(selectCases(CASES, [])).toEqual(CASES);
  });

  test('an op is its whole name', () => {
    const found = new Set(selectCases(CASES, ['instance_norm']).map(({ op }) => op));
    expect(found).toEqual(new Set(['instance_norm']));
  });

  test('a word that names nothing is refused with what there is', () => {
    expect(() => selectCases(CASES, ['conv2d'])).toThrow(ConfigError);
    expect(() => selectCases(CASES, ['conv2d'])).toThrow(/conv_transpose3d/);
  });
});
