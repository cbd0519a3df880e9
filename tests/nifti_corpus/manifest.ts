/** The manifest of a corpus of good and bad NIfTI files. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** NaN, infinities and integers beyond 2^53 are strings. */
export type Stored = number | string;

export interface Reference {
  readonly shape: readonly number[];
  readonly affine: readonly (readonly Stored[])[];
  readonly dtype?: string;
  readonly endian?: 'little' | 'big';
  readonly qform_code?: number;
  readonly sform_code?: number;
  readonly axcodes?: string;
  readonly det_sign?: number;
  readonly scale_applied?: readonly [number, number];
  readonly extensions?: readonly { code: number; size: number }[];
  readonly min?: Stored;
  readonly max?: Stored;
  readonly mean?: Stored;
  readonly finite?: number;
  readonly size?: number;
  readonly voxels?: readonly { index: readonly number[]; value: Stored }[];
}

export interface CorpusEntry {
  readonly file: string;
  readonly what?: string;
  readonly expect: 'ok' | 'error' | 'either';
  /** The .hdr of a pair whose .img is `file`. */
  readonly pair?: string;
  readonly nibabel?: Reference;
  /** nibabel read header bytes as voxels: its values are those of n1_plain.nii, or unknown. */
  readonly nibabel_garbage?: boolean;
}

export function readCorpus(dir: string): CorpusEntry[] {
  const manifest = JSON.parse(readFileSync(join(dir, 'manifest.json'), 'utf8'));
  const entries = manifest.entries as CorpusEntry[];
  const plain = entries.find((entry) => entry.file === 'n1_plain.nii')?.nibabel;
  return entries.map((entry) => {
    if (!entry.nibabel_garbage || !entry.nibabel) return entry;
    const { min, max, mean, finite, size, voxels, ...header } = entry.nibabel;
    return { ...entry, nibabel: plain ?? header };
  });
}
