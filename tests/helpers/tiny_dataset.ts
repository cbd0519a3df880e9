import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fromSpacing } from '../../src/io/affine.ts';
import { toOrientation } from '../../src/io/orientation.ts';
import { type Volume, volume } from '../../src/io/volume.ts';
import { writeNiftiFile } from '../../src/node/nifti_file.ts';
import { writeJsonFile } from '../../src/node/whole_file.ts';
import { Rng } from '../../src/rng.ts';

export interface TinyDatasetOptions {
  readonly subjects?: number;
  readonly side?: number;
  /** Value of the labels; 1 by default. */
  readonly label?: number;
  /** Value of the outer half of the balls, if it is another one. */
  readonly shell?: number;
  /** Names and values for dataset.json. */
  readonly labels?: Record<string, string>;
}

/** A bright ball in noise, at a place that depends on the subject. */
function ball(
  side: number,
  rng: Rng,
  label: number,
  shell: number,
): { image: Volume; mask: Volume } {
  const shape = [1, side, side, side];
  const centre = [0, 1, 2].map(() => side * rng.range(0.4, 0.6));
  const image = new Float32Array(side ** 3);
  const mask = new Float32Array(side ** 3);
  let at = 0;
  for (let i = 0; i < side; i++) {
    for (let j = 0; j < side; j++) {
      for (let k = 0; k < side; k++, at++) {
        const distance = Math.hypot(i - centre[0]!, j - centre[1]!, k - centre[2]!);
        const inside = distance < side / 4;
        const isShell = distance >= side / 6;
        mask[at] = inside ? (isShell ? shell : label) : 0;
        image[at] = (inside ? (isShell ? shell / label : 1) * 100 : 0) + 10 * rng.normal();
      }
    }
  }
  const affine = fromSpacing([1, 1.5, 2], [-3, 4, 5]);
  return { image: volume(image, shape, affine), mask: volume(mask, shape, affine) };
}

/** Writes a Decathlon folder of `ball_1_a`, `ball_1_b`, `ball_2_a` ... in changing orientations. */
export async function writeTinyDataset(
  dir: string,
  { subjects = 6, side = 16, label = 1, shell = label, labels }: TinyDatasetOptions = {},
): Promise<string[]> {
  await mkdir(join(dir, 'imagesTr'), { recursive: true });
  await mkdir(join(dir, 'labelsTr'), { recursive: true });
  const names: string[] = [];
  for (let n = 0; n < subjects; n++) {
    const name = `ball_${1 + (n >> 1)}_${n % 2 ? 'b' : 'a'}`;
    const { image, mask } = ball(side, Rng.seed(n), label, shell);
    const code = ['RAS', 'LPS', 'PIR'][n % 3]!;
    const file = `${name}.nii.gz`;
    await writeNiftiFile(join(dir, 'imagesTr', file), toOrientation(image, code));
    await writeNiftiFile(join(dir, 'labelsTr', file), toOrientation(mask, code), {
      datatype: 'uint8',
    });
    names.push(name);
  }
  await writeJsonFile(join(dir, 'dataset.json'), {
    name: 'Balls',
    modality: { 0: 'MRI' },
    labels: labels ?? { 0: 'background', 1: 'ball' },
    training: names.map((name) => ({
      image: `./imagesTr/${name}.nii.gz`,
      label: `./labelsTr/${name}.nii.gz`,
    })),
    test: [],
  });
  return names;
}
