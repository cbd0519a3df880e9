/** Thread of `ScanReader`: answers each task with a scan, or with what is wrong with its file. */
import { parentPort } from 'node:worker_threads';
import { prepareScan } from '../train/patch_inference.ts';
import { readNiftiFile } from './nifti_file.ts';
import type { ScanAnswer, ScanTask } from './scan_reader.ts';

async function answer({ path, name, preprocessing }: ScanTask): Promise<ScanAnswer> {
  const startedAt = performance.now();
  try {
    const image = await readNiftiFile(path);
    const readAt = performance.now();
    const scan = prepareScan(image, preprocessing, name);
    const seconds = {
      read: (readAt - startedAt) / 1000,
      preprocess: (performance.now() - readAt) / 1000,
    };
    return { scan, header: image.header, seconds };
  } catch (error) {
    const { message } = error as Error;
    return { error: message.startsWith(`${path}: `) ? message : `${path}: ${message}` };
  }
}

parentPort?.on('message', async (task: ScanTask) => {
  const result = await answer(task);
  // Handed over rather than copied.
  const voxels = 'scan' in result ? [result.scan.subject.image.data.buffer as ArrayBuffer] : [];
  parentPort?.postMessage(result, voxels);
});
