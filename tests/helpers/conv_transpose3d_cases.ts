type Triple = [number, number, number];
export interface ConvTranspose3dCase {
  x: [number, number, number, number, number];
  out: number;
  kernel: Triple;
  stride: Triple;
  padding?: Triple;
  outputPadding?: Triple;
}

const k3s2 = {
  kernel: [3, 3, 3],
  stride: [2, 2, 2],
  padding: [1, 1, 1],
} satisfies Partial<ConvTranspose3dCase>;
export const k3s2op1 = { ...k3s2, outputPadding: [1, 1, 1] } satisfies Partial<ConvTranspose3dCase>;
const k2s2 = { kernel: [2, 2, 2], stride: [2, 2, 2] } satisfies Partial<ConvTranspose3dCase>;

/** Awkward transposed convolutions, by name. */
export const convTranspose3dCases: readonly (readonly [string, ConvTranspose3dCase])[] = [
  ['one voxel, one channel', { x: [1, 1, 1, 1, 1], out: 1, ...k3s2op1 }],
  ['one voxel, batch 2', { x: [2, 3, 1, 1, 1], out: 5, ...k3s2op1 }],
  ['five to seventeen channels', { x: [1, 5, 2, 3, 5], out: 17, ...k3s2op1 }],
  ['odd sizes', { x: [2, 3, 3, 5, 7], out: 2, ...k3s2op1 }],
  ['no output padding', { x: [1, 4, 3, 4, 5], out: 8, ...k3s2 }],
  ['mixed output padding', { x: [1, 4, 4, 3, 2], out: 9, ...k3s2, outputPadding: [1, 0, 1] }],
  ['channels beyond a block', { x: [1, 17, 2, 3, 4], out: 11, ...k3s2op1 }],
  ['whole blocks', { x: [1, 16, 4, 8, 8], out: 16, ...k3s2op1 }],
  ['batch 2 and whole blocks', { x: [2, 8, 2, 4, 12], out: 8, ...k3s2op1 }],
  ['kernel 2', { x: [2, 5, 3, 2, 9], out: 7, ...k2s2 }],
  ['kernel 2, whole blocks', { x: [1, 16, 2, 4, 8], out: 16, ...k2s2 }],
  [
    'anisotropic stride',
    {
      x: [2, 6, 3, 4, 5],
      out: 9,
      kernel: [3, 3, 3],
      stride: [2, 2, 1],
      padding: [1, 1, 1],
      outputPadding: [1, 1, 0],
    },
  ],
  ['stride 1', { x: [1, 3, 4, 3, 5], out: 4, kernel: [3, 3, 3], stride: [1, 1, 1] }],
  [
    'stride beyond the kernel',
    { x: [1, 2, 2, 3, 2], out: 3, kernel: [1, 2, 2], stride: [3, 3, 4], outputPadding: [2, 0, 3] },
  ],
  [
    'a large kernel',
    { x: [1, 2, 3, 2, 3], out: 2, kernel: [5, 4, 3], stride: [2, 3, 1], padding: [2, 1, 0] },
  ],
];
