import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { chosenEngines, engineSpecs } from '../../../bench/peers/engines.ts';
import { ConfigError } from '../../../src/errors.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const specs = engineSpecs('python3');

test('voxgrad comes first and with every choice, as it is the yardstick', () => {
  expect(specs[0]!.name).toBe('voxgrad');
  expect(chosenEngines(specs, ['tfjs']).map(({ name }) => name)).toEqual(['voxgrad', 'tfjs']);
  expect(chosenEngines(specs, undefined)).toEqual(specs);
});

test('an unknown engine is refused with the known ones', () => {
  expect(() => chosenEngines(specs, ['tfjs', 'burn'])).toThrow(ConfigError);
  expect(() => chosenEngines(specs, ['burn'])).toThrow(/burn.*jax-js/);
});

test('peers are pinned exactly in a package of their own, and the project does not know them', () => {
  const { dependencies } = JSON.parse(read('bench/peers/package.json'));
  for (const name of new Set(specs.flatMap(({ packages }) => packages))) {
    expect(dependencies[name], name).toMatch(/^\d+\.\d+\.\d+$/);
  }
  const project = read('package.json');
  // Not an engine: the project writes event files with it, the peers ONNX models.
  const engines = Object.keys(dependencies).filter((name) => name !== 'protobufjs');
  expect(engines.length).toBeGreaterThan(3);
  for (const name of engines) expect(project).not.toContain(`"${name}"`);
});

test('the lock file holds a checksum of every package and no address of a registry', () => {
  const lock = JSON.parse(read('bench/peers/package-lock.json')) as {
    packages: Record<string, { resolved?: string; integrity?: string }>;
  };
  const packages = Object.entries(lock.packages).filter(([path]) => path !== '');
  expect(packages.length).toBeGreaterThan(20);
  for (const [path, { resolved, integrity }] of packages) {
    expect(resolved, path).toBe(undefined);
    expect(integrity, path).toMatch(/^sha512-/);
  }
});
