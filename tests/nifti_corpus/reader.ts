/** Child process of run.ts: reads the files it is told to, and reports facts, time and memory. */
import { join } from 'node:path';
import { VoxgradError } from '../../src/errors.ts';
import type { NiftiImage } from '../../src/io/nifti.ts';
import { readNiftiFile } from '../../src/node/nifti_file.ts';
import { factsOf } from './facts.ts';
import type { Outcome } from './judge.ts';
import type { CorpusEntry } from './manifest.ts';

/** Leaves room for the process itself below the corpus's limit of 500 MB. */
const MAX_BYTES = 300e6;

async function read(dir: string, entry: CorpusEntry): Promise<Outcome> {
  const start = performance.now();
  let image: NiftiImage | undefined;
  let thrown: unknown;
  try {
    image = await readNiftiFile(join(dir, entry.file), { maxBytes: MAX_BYTES });
  } catch (error) {
    thrown = error;
  }
  const milliseconds = performance.now() - start;
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  const measured = { milliseconds, peakBytes };
  if (image) {
    const indices = entry.nibabel?.voxels?.map((voxel) => voxel.index) ?? [];
    return { ...measured, facts: factsOf(image, indices) };
  }
  const clear = thrown instanceof VoxgradError && thrown.message.length > 0;
  return { ...measured, error: { message: String(thrown), clear } };
}

process.on('message', ({ dir, entry }: { dir: string; entry: CorpusEntry }) => {
  void read(dir, entry).then((outcome) => process.send?.(outcome));
});
