/** Scans read, decompressed and preprocessed in a thread, while this one does something else. */
import { extname } from 'node:path';
import { FormatError } from '../errors.ts';
import type { NiftiHeader } from '../io/nifti.ts';
import type { Preprocessing } from '../patch/preprocessing.ts';
import type { PreparedScan } from '../train/patch_inference.ts';
import { Thread } from './worker_map.ts';

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

/** What the thread answers: the scan, whose voxels are handed over, or what is wrong with the file. */
export type ScanAnswer = ReadScan | { readonly error: string };

/** One thread, which takes one task at a time. */
export class ScanReader {
  private thread: Thread | undefined;

  /**
   * @throws FormatError naming the file, also when the thread died over it; the next task then gets
   *   a new thread
   * @throws the signal's reason
   */
  async read(task: ScanTask, signal?: AbortSignal): Promise<ReadScan> {
    if (!this.thread || this.thread.isDead) this.thread = new Thread(workerFile());
    let answer: ScanAnswer;
    try {
      answer = await this.thread.ask<ScanTask, ScanAnswer>(task, signal);
    } catch (error) {
      signal?.throwIfAborted();
      await this.close();
      const { message } = error as Error;
      throw new FormatError(
        `${task.path}: readScan: the thread that read the file died. ${message}. Check the file, and the memory that is left.`,
        { cause: error },
      );
    }
    if ('error' in answer) throw new FormatError(answer.error);
    return answer;
  }

  /** Ends the thread, whatever it is doing. */
  async close(): Promise<void> {
    const { thread } = this;
    this.thread = undefined;
    await thread?.end();
  }
}

/** `.ts` as written, `.js` as compiled. */
const workerFile = (): URL => {
  const { pathname } = new URL(import.meta.url);
  return new URL(`./scan_reader_worker${extname(pathname)}`, import.meta.url);
};
