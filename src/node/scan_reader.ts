/** Scans read, decompressed and preprocessed in a thread, while this one does something else. */
import { FormatError } from '../errors.ts';
import type { NiftiHeader } from '../io/nifti.ts';
import type { Preprocessing } from '../patch/preprocessing.ts';
import type { PreparedScan } from '../train/patch_inference.ts';
import { WorkerPool } from './worker_pool.ts';
import { ThreadDeath, workerEntry } from './worker_thread.ts';

export interface ScanTask {
  readonly path: string;
  readonly name: string;
  readonly preprocessing: Preprocessing;
}

export interface ReadScan {
  readonly scan: PreparedScan;
  readonly header: NiftiHeader;
  /** Wall time of the thread. */
  readonly seconds: { readonly read: number; readonly preprocess: number };
}

/** One thread, which takes one task at a time. */
export class ScanReader {
  private readonly pool = new WorkerPool<ScanTask, ReadScan>(
    workerEntry('scan_reader_worker', import.meta.url),
    1,
  );

  /**
   * @throws FormatError naming the file, also when the thread died over it; the next task then gets
   *   a new thread
   * @throws WorkerError if the thread does not start
   * @throws the signal's reason
   */
  async read(task: ScanTask, signal?: AbortSignal): Promise<ReadScan> {
    try {
      return await this.pool.run(task, { signal });
    } catch (error) {
      if (!(error instanceof ThreadDeath)) throw error;
      throw new FormatError(
        `${task.path}: readScan: the thread that read the file died. ${error.message}. Check the file, and the memory that is left.`,
        { cause: error },
      );
    }
  }

  /** Ends the thread, whatever it is doing. */
  async close(): Promise<void> {
    await this.pool.close();
  }
}
