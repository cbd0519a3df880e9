import type { Conv3dOptions } from '../../src/shape.ts';

/** Awkward convolutions: [x shape NCDHW, weight shape OIDHW, options, name]. */
export interface Conv3dCase {
  readonly name: string;
  readonly x: readonly number[];
  readonly weight: readonly number[];
  readonly options: Conv3dOptions;
}

const same = { padding: 1 };

export const conv3dCases: readonly Conv3dCase[] = [
  { name: 'one voxel', x: [1, 1, 1, 1, 1], weight: [1, 1, 3, 3, 3], options: same },
  { name: 'one channel, odd sizes', x: [1, 1, 5, 7, 9], weight: [1, 1, 3, 3, 3], options: same },
  { name: 'prime sizes, batch 2', x: [2, 3, 7, 5, 11], weight: [5, 3, 3, 3, 3], options: same },
  { name: '5 to 17 channels', x: [1, 5, 3, 5, 6], weight: [17, 5, 3, 3, 3], options: same },
  { name: '17 channels', x: [1, 17, 3, 4, 6], weight: [17, 17, 3, 3, 3], options: same },
  { name: 'a network layer', x: [2, 16, 8, 16, 16], weight: [16, 16, 3, 3, 3], options: same },
  { name: 'two output channels', x: [1, 2, 4, 12, 20], weight: [2, 2, 3, 3, 3], options: same },
  {
    name: 'stride 2',
    x: [2, 4, 8, 8, 8],
    weight: [8, 4, 3, 3, 3],
    options: { stride: 2, padding: 1 },
  },
  {
    name: 'stride 2 to one voxel',
    x: [1, 1, 1, 2, 2],
    weight: [2, 1, 3, 3, 3],
    options: { stride: 2, padding: 1 },
  },
  {
    name: 'stride 2, 5 to 17 channels, batch 2',
    x: [2, 5, 6, 4, 10],
    weight: [17, 5, 3, 3, 3],
    options: { stride: 2, padding: 1 },
  },
  {
    name: 'stride 2, odd sizes',
    x: [1, 3, 7, 9, 5],
    weight: [6, 3, 3, 3, 3],
    options: { stride: 2, padding: 1 },
  },
  {
    name: 'stride 3, kernel 5',
    x: [1, 2, 10, 9, 8],
    weight: [3, 2, 5, 5, 5],
    options: { stride: 3, padding: 2 },
  },
  {
    name: 'stride 2, dilation 2',
    x: [1, 2, 9, 8, 10],
    weight: [3, 2, 3, 3, 3],
    options: { stride: 2, padding: 2, dilation: 2 },
  },
  {
    name: 'stride 2, kernel 1',
    x: [1, 3, 5, 6, 7],
    weight: [4, 3, 1, 1, 1],
    options: { stride: 2 },
  },
  {
    name: 'stride 2, padding as wide as the kernel',
    x: [1, 2, 4, 5, 6],
    weight: [3, 2, 3, 3, 3],
    options: { stride: 2, padding: 3 },
  },
  {
    name: 'stride per axis',
    x: [1, 3, 9, 8, 6],
    weight: [10, 3, 3, 3, 3],
    options: { stride: [2, 2, 1], padding: 1 },
  },
  { name: 'kernel 1', x: [2, 5, 3, 4, 7], weight: [9, 5, 1, 1, 1], options: {} },
  {
    name: 'kernel 2, stride 2',
    x: [1, 4, 6, 6, 6],
    weight: [4, 4, 2, 2, 2],
    options: { stride: 2 },
  },
  {
    name: 'flat kernel',
    x: [1, 3, 5, 8, 8],
    weight: [8, 3, 1, 3, 3],
    options: { padding: [0, 1, 1] },
  },
  { name: 'kernel 5', x: [1, 2, 6, 7, 9], weight: [3, 2, 5, 5, 5], options: { padding: 2 } },
  {
    name: 'dilation 2',
    x: [1, 2, 7, 8, 9],
    weight: [4, 2, 3, 3, 3],
    options: { padding: 2, dilation: 2 },
  },
  { name: 'no padding', x: [1, 2, 5, 6, 7], weight: [3, 2, 3, 3, 3], options: {} },
  {
    name: 'padding wider than the kernel',
    x: [1, 2, 3, 3, 3],
    weight: [2, 2, 3, 3, 3],
    options: { padding: 3 },
  },
];
