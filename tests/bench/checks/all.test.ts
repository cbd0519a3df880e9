import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  ADVERSARIAL_SHAPES,
  allChecks,
  CHECKS_OF,
  quickChecks,
} from '../../../bench/checks/all.ts';

const root = new URL('../../../', import.meta.url);
const stems = (folder: string): string[] =>
  readdirSync(new URL(folder, root))
    .filter((name) => /\.(ts|wgsl)$/.test(name))
    .map((name) => name.replace(/\.\w+$/, ''));

test('every op with a launcher is on the list', () => {
  expect(Object.keys(CHECKS_OF).sort()).toEqual(stems('src/kernels').sort());
});

test('every op and pass runs on every awkward size: one voxel, one channel, odd, prime', () => {
  const sizes = ADVERSARIAL_SHAPES.map((shape) => shape.join('x'));
  expect(sizes).toContain('1x1x1x1x1');
  expect(ADVERSARIAL_SHAPES.some(([n, c, ...size]) => n > 1 && c > 1 && size.every(isPrime))).toBe(
    true,
  );
  const checks = allChecks();
  const passes = new Set(checks.map(({ op, pass }) => `${op} ${pass}`));
  for (const pass of passes) {
    const own = checks.filter((check) => `${check.op} ${check.pass}` === pass);
    expect(own.length, pass).toBeGreaterThanOrEqual(sizes.length);
    expect(new Set(own.map(({ title }) => title)).size, pass).toBe(own.length);
  }
  const quick = new Set(quickChecks().map(({ op, pass }) => `${op} ${pass}`));
  expect(quick).toEqual(passes);
});

test('a gradient is checked wherever a shader computes one', () => {
  const passes = new Set(allChecks().map(({ op, pass }) => `${op}_${pass}`));
  const gradients = stems('shaders')
    .map((stem) => /^.+?_backward(_input|_weight)?(?=_|$)/.exec(stem)?.[0])
    .filter((stem) => stem !== undefined);
  expect(gradients.filter((stem) => !passes.has(stem))).toEqual([]);
});

function isPrime(value: number): boolean {
  for (let n = 2; n * n <= value; n++) if (value % n === 0) return false;
  return value > 1;
}
