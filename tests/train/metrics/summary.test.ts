import { describe, expect, it } from 'vitest';
import { summarize, toCsv, toJson, toTable } from '../../../src/train/metrics/summary.ts';

const row = (name: string, dsc: number, hd95: number) => ({
  name,
  dsc,
  hd95,
  sens: 1,
  ldr: 0.5,
  rve: -0.25,
  hd95_mm: 3 * hd95,
});
const evaluation = summarize([row('a', 0.8, 2), row('b', 0.9, Number.NaN), row('c', 1, 4)]);

describe('summarize', () => {
  it('gives mean and sample standard deviation', () => {
    expect(evaluation.mean.dsc).toBeCloseTo(0.9, 12);
    expect(evaluation.std.dsc).toBeCloseTo(0.1, 12);
  });

  it('leaves out undefined values, as pandas does', () => {
    expect(evaluation.mean.hd95).toBe(3);
    expect(evaluation.mean.hd95_mm).toBe(9);
    expect(evaluation.std.hd95).toBeCloseTo(Math.SQRT2, 12);
  });

  it('has no standard deviation for one case, and nothing for none', () => {
    const one = summarize([row('a', 0.8, Number.NaN)]);
    expect(one.mean.dsc).toBe(0.8);
    expect(one.std.dsc).toBeNaN();
    expect(one.mean.hd95).toBeNaN();
    expect(summarize([]).mean.dsc).toBeNaN();
  });
});

describe('toJson', () => {
  it('writes null for what does not exist', () => {
    const json = toJson(summarize([row('a', 0.5, Number.NaN)]));
    expect(JSON.parse(JSON.stringify(json))).toEqual({
      cases: [{ name: 'a', dsc: 0.5, hd95: null, sens: 1, ldr: 0.5, rve: -0.25, hd95_mm: null }],
      mean: { dsc: 0.5, hd95: null, sens: 1, ldr: 0.5, rve: -0.25, hd95_mm: null },
      std: { dsc: null, hd95: null, sens: null, ldr: null, rve: null, hd95_mm: null },
    });
  });
});

describe('toCsv', () => {
  it('has a line per case, then mean and std, and leaves undefined fields empty', () => {
    const lines = toCsv(summarize([row('a,"b"', 0.5, Number.NaN)])).split('\n');
    expect(lines).toEqual([
      'name,dsc,hd95,sens,ldr,rve,hd95_mm',
      '"a,""b""",0.5,,1,0.5,-0.25,',
      'mean,0.5,,1,0.5,-0.25,',
      'std,,,,,,',
      '',
    ]);
  });
});

describe('toTable', () => {
  it('aligns columns and ends in mean ± std', () => {
    const lines = toTable(evaluation, 2).split('\n');
    expect(lines).toHaveLength(5);
    expect(new Set(lines.map((line) => line.length)).size).toBe(1);
    expect(lines[2]).toMatch(/^b +0\.90 +n\/a /);
    expect(lines[4]).toContain('0.90 ± 0.10');
  });
});
