import { describe, expect, it } from 'vitest';
import { compareSettings, flatSettings } from '../../src/train/compare_settings.ts';

describe('flatSettings', () => {
  it('names leaves by their path and keeps lists whole', () => {
    const flat = flatSettings({ patch: { patchSize: [32, 32, 16] }, binary: true, note: 'x' });
    expect([...flat]).toEqual([
      ['patch.patchSize', '[32,32,16]'],
      ['binary', 'true'],
      ['note', 'x'],
    ]);
  });

  it('shows an empty group and null as values', () => {
    expect([...flatSettings({ a: {}, b: null })]).toEqual([
      ['a', '{}'],
      ['b', 'null'],
    ]);
  });
});

describe('compareSettings', () => {
  it('marks what differs, and what only one run has', () => {
    const rows = compareSettings([
      { training: { lr: 0.01, seed: 0 } },
      { training: { lr: 0.02, seed: 0, precision: 'f16' } },
    ]);
    expect(rows).toEqual([
      { name: 'training.lr', values: ['0.01', '0.02'], differs: true },
      { name: 'training.seed', values: ['0', '0'], differs: false },
      { name: 'training.precision', values: [undefined, 'f16'], differs: true },
    ]);
  });
});
