import { expect, test } from 'vitest';
import {
  type Ceilings,
  deviceName,
  failures,
  higher,
  rooflineShare,
  withCeilings,
} from '../../bench/report.ts';
import { networkRow, opRow } from '../helpers/bench_rows.ts';

const ceilings: Ceilings = {
  fma_gflops: 100,
  copy_gbps: 10,
  fma_loop: 'a',
  copy_loop: 'b',
  fma_spread: 0,
  copy_spread: 0,
};

test('the share of the roofline is that of the tighter ceiling', () => {
  expect(rooflineShare({ gflops: 50, gbps: 1 }, ceilings)).toBe(50);
  expect(rooflineShare({ gflops: 5, gbps: 2 }, ceilings)).toBe(20);
  expect(rooflineShare({ gflops: null, gbps: 2 }, ceilings)).toBe(20);
  expect(rooflineShare({ gflops: null, gbps: null }, ceilings)).toBe(null);
});

test('ops are held to the roofline, networks to the FMA ceiling', () => {
  const { rows, network } = withCeilings(
    { rows: [opRow({ gflops: 1, gbps: 5 })], network: [networkRow({ gflops: 30 })] },
    ceilings,
  );
  expect(rows[0]!.percent_of_ceiling).toBe(50);
  expect(network[0]!.percent_of_ceiling).toBe(30);
});

test('of two measurements of the ceilings each takes the higher one with its loop', () => {
  const other = { ...ceilings, fma_gflops: 120, copy_gbps: 9, fma_loop: 'c', copy_loop: 'd' };
  expect(higher(ceilings, other)).toEqual({ ...ceilings, fma_gflops: 120, fma_loop: 'c' });
});

test('every row without a number is named with its reason', () => {
  const rows = [opRow({}), opRow({ op: 'conv3d', variant: 'naive', error: 'wrong' })];
  const network = [networkRow({ error: 'out of memory', shape: [32, 32, 32] })];
  const named = failures({ rows, network });
  expect(named.length).toBe(2);
  expect(named[0]).toMatch(/conv3d .*naive: wrong/);
  expect(named[1]).toMatch(/32x32x32.*: out of memory/);
});

test("a device's name is fit for a file", () => {
  const adapter = { vendor: 'nvidia', architecture: '', device: '', description: 'RTX (7/8)' };
  expect(deviceName({ ...adapter, software: false })).toBe('nvidia-rtx-7-8');
  expect(deviceName({ ...adapter, vendor: '', description: '', software: true })).toBe('unknown');
});
