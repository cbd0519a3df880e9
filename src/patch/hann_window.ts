import type { Triple } from '../shape.ts';

/**
 * One axis of the window: 0.5 (1 - cos(2 pi (n+1) / (size+1))), the symmetric Hann window of size+2
 * points without its two zero ends, so that no weight is 0.
 */
export function hannAxis(size: number): Float64Array {
  return Float64Array.from(
    { length: size },
    (_, n) => 0.5 * (1 - Math.cos((2 * Math.PI * (n + 1)) / (size + 1))),
  );
}

/**
 * Weights of a patch's voxels: high in the middle, where the network sees context on all sides.
 *
 * @returns `[pi, pj, pk]`, the product of the three axes
 * @see TorchIO GridAggregator._get_hann_window
 */
export function hannWindow([pi, pj, pk]: Triple): Float32Array {
  const [wi, wj, wk] = [hannAxis(pi), hannAxis(pj), hannAxis(pk)];
  const window = new Float32Array(pi * pj * pk);
  let n = 0;
  for (const a of wi) for (const b of wj) for (const c of wk) window[n++] = a * b * c;
  return window;
}
