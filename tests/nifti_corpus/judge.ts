/** Whether the outcome of reading one file is what the manifest allows. */
import type { Facts } from './facts.ts';
import type { CorpusEntry, Reference, Stored } from './manifest.ts';

export interface Outcome {
  /** Present when the file was read. */
  readonly facts?: Facts;
  /** Present when it was refused; `clear` if by one of the project's own errors. */
  readonly error?: { readonly message: string; readonly clear: boolean };
  readonly milliseconds: number;
  readonly peakBytes: number;
}

export const TIME_LIMIT_MS = 2000;
export const MEMORY_LIMIT_BYTES = 500e6;
/** Relative to the largest number compared: NIfTI-1 keeps float32, and so do our voxels. */
const TOLERANCE = 1e-6;

/** Reasons to fail the case; none means that it passed. */
export function judge(entry: CorpusEntry, outcome: Outcome): string[] {
  const problems: string[] = [];
  if (outcome.milliseconds > TIME_LIMIT_MS) {
    problems.push(`took ${Math.round(outcome.milliseconds)} ms`);
  }
  if (outcome.peakBytes > MEMORY_LIMIT_BYTES) {
    problems.push(`took ${Math.round(outcome.peakBytes / 1e6)} MB`);
  }
  const { facts, error } = outcome;
  if (error && !error.clear) problems.push(`unclear error: ${error.message}`);
  if (error && entry.expect === 'ok') problems.push(`must be read, but: ${error.message}`);
  if (facts && entry.expect === 'error') problems.push('must be refused, but was read');
  if (facts && entry.expect !== 'error' && entry.nibabel) {
    problems.push(...disagreements(facts, entry.nibabel));
  }
  return problems;
}

function disagreements(facts: Facts, reference: Reference): string[] {
  const problems: string[] = [];
  const same = (what: string, got: unknown, expected: unknown) => {
    if (expected === undefined || JSON.stringify(got) === JSON.stringify(expected)) return;
    problems.push(`${what} ${JSON.stringify(got)}, expected ${JSON.stringify(expected)}`);
  };
  const close = (what: string, got: readonly number[], expected: readonly number[]) => {
    const scale = Math.max(...expected.map(Math.abs).filter(Number.isFinite), 0);
    expected.forEach((value, n) => {
      if (Object.is(got[n], value) || Math.abs(got[n]! - value) <= TOLERANCE * scale) return;
      problems.push(`${what}[${n}] ${got[n]}, expected ${value}`);
    });
  };
  const [i = 1, j = 1, k = 1, ...channels] = reference.shape;
  same('dims', facts.dims, reference.shape);
  same('shape', facts.shape, [channels.reduce((a, b) => a * b, 1), i, j, k]);
  const rows = reference.affine.slice(0, 3).map((row) => row.map(Number));
  const inMillimetres = rows.flat().map((value) => value * facts.millimetresPerUnit);
  close('affine', facts.affine.slice(0, 12), inMillimetres);
  same('last row of affine', facts.affine.slice(12), [0, 0, 0, 1]);
  same('datatype', facts.datatype, reference.dtype && datatypeOf(reference.dtype));
  same('endian', facts.littleEndian ? 'little' : 'big', reference.endian);
  same('qform_code', facts.qformCode, reference.qform_code);
  same('sform_code', facts.sformCode, reference.sform_code);
  same('axcodes', facts.axcodes, reference.axcodes);
  same('sign of determinant', facts.determinantSign, reference.det_sign);
  same('extensions', facts.extensions, reference.extensions);
  if (reference.scale_applied) close('scaling', facts.scaling, reference.scale_applied);
  same('finite voxels', facts.finite, reference.finite);
  same('voxels', facts.size, reference.size);
  const { min, max, mean, voxels = [] } = reference;
  if (min !== undefined && max !== undefined && mean !== undefined) {
    close('min/max/mean', [facts.min, facts.max, facts.mean], [min, max, mean].map(numberOf));
  }
  close(
    'voxel',
    facts.voxels,
    voxels.map((voxel) => numberOf(voxel.value)),
  );
  return problems;
}

function numberOf(value: Stored): number {
  return Number(value);
}

/** NumPy's short name of a big-endian type, or the name itself. */
function datatypeOf(dtype: string): string {
  const match = /^[<>]([iuf])(\d)$/.exec(dtype);
  if (!match) return dtype;
  const kind = { i: 'int', u: 'uint', f: 'float' }[match[1] as 'i' | 'u' | 'f'];
  return `${kind}${8 * Number(match[2])}`;
}
