/**
 * A scan for those who have none at hand: a drawing of a hippocampus in its surroundings. No person's data are in it;
 * its shades were chosen so that the demo model finds what is drawn.
 */
import { fromSpacing, Rng, volume, writeNifti } from '../../../src/index.ts';

const SHAPE = [36, 52, 36] as const;

/** Voxels from back to front: centre from left to right and from below, half widths along both. */
const COURSE = [
  [6, 19.5, 26.5, 3.5, 3.2],
  [10, 16.2, 24, 5.8, 4.2],
  [16, 13.6, 20, 6.4, 4.2],
  [22, 13, 16.6, 6.4, 4.3],
  [28, 13.6, 14.2, 6.4, 4.4],
  [34, 16, 12.4, 8.2, 4.9],
  [40, 18.6, 10, 7.8, 4.8],
  [45, 21.4, 8, 4, 3],
] as const;
/** Where the head ends and the tail begins. */
const HEAD = 30;

/** White matter, the folded cortex, the hippocampus, fluid. */
const WHITE = 136;
const CORTEX = 24;
const HIPPOCAMPUS = 62;
const FLUID = 9;
const NOISE = 4;
const SEED = 11;

interface Section {
  readonly i: number;
  readonly k: number;
  readonly ri: number;
  readonly rk: number;
}

/** The outline at a place between back and front; undefined beyond the ends. */
function sectionAt(j: number): Section | undefined {
  const after = COURSE.findIndex(([at]) => at > j);
  if (after <= 0) return undefined;
  const [from, to] = [COURSE[after - 1]!, COURSE[after]!];
  const share = (j - from[0]) / (to[0] - from[0]);
  const [i, k, ri, rk] = ([1, 2, 3, 4] as const).map(
    (n) => from[n] + share * (to[n] - from[n]),
  ) as [number, number, number, number];
  return { i, k, ri, rk };
}

/** Smoothly from 0 to 1 where `x` passes 0, over `width`. */
const step = (x: number, width: number): number => 1 / (1 + Math.exp((-4 * x) / width));

const mix = (a: number, b: number, share: number): number => a + share * (b - a);

/** Shade around the hippocampus: white matter above and beside it, fluid at its side, folded cortex below. */
function surroundings(i: number, j: number, k: number, section: Section): number {
  const [x, z] = [(i - section.i) / section.ri, (k - section.k) / section.rk];
  const fold = Math.sin(i * 0.73 + 2 * Math.sin(j * 0.21)) * Math.cos(k * 0.7 + j * 0.13);
  const folded = mix(CORTEX, WHITE, step(fold - 0.07, 0.8));
  const over = mix(folded, WHITE, step(k - section.k + 7.8, 3.7));
  const middle = step(i - section.i - section.ri - 4.8, 4) * step(2 - z, 2);
  const beside = mix(over, mix(HIPPOCAMPUS, FLUID, step(fold, 1)), middle);
  const cap = step(1.73 - Math.hypot(x, z), 0.16) * step(0.3 * z - 0.5 * x, 0.33);
  return mix(beside, FLUID, cap);
}

const NAME = 'made_up_hippocampus';

export interface MadeUpScan {
  readonly scan: File;
  readonly label: File;
}

/** The scan and its ground truth as uncompressed NIfTI files; the same each time. */
export function madeUpScan(): MadeUpScan {
  const [I, J, K] = SHAPE;
  const image = new Float32Array(I * J * K);
  const labels = new Float32Array(I * J * K);
  const rng = Rng.seed(SEED);
  let n = 0;
  for (let i = 0; i < I; i++) {
    for (let j = 0; j < J; j++) {
      const inside = sectionAt(j);
      const [first, last] = [COURSE[0], COURSE.at(-1)!];
      const section = inside ?? sectionAt(Math.min(last[0] - 0.01, Math.max(first[0], j)))!;
      for (let k = 0; k < K; k++, n++) {
        const depth = inside
          ? Math.hypot((i - inside.i) / inside.ri, (k - inside.k) / inside.rk)
          : 2;
        const tissue = mix(surroundings(i, j, k, section), HIPPOCAMPUS, step(1 - depth, 0.24));
        image[n] = Math.max(0, tissue + NOISE * rng.normal());
        if (depth < 1) labels[n] = j >= HEAD ? 1 : 2;
      }
    }
  }
  const affine = fromSpacing([1, 1, 1], [0, 0, 0]);
  const file = (data: Float32Array): File =>
    new File(
      [writeNifti(volume(data, [1, I, J, K], affine), { gzip: false }) as Uint8Array<ArrayBuffer>],
      `${NAME}.nii`,
    );
  return { scan: file(image), label: file(labels) };
}
