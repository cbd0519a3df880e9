/** Thread of `ScanReader`: answers each task with a scan, whose voxels it hands over. */
import { FormatError } from '../errors.ts';
import { prepareScan } from '../train/patch_inference.ts';
import { answerTasks } from './answer_tasks.ts';
import { readNiftiFile } from './nifti_file.ts';
import type { ReadScan, ScanTask } from './scan_reader.ts';

async function readScan({ path, name, preprocessing }: ScanTask): Promise<ReadScan> {
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
    throw new FormatError(message.startsWith(`${path}: `) ? message : `${path}: ${message}`);
  }
}

answerTasks(readScan, ({ scan }) => [scan.subject.image.data.buffer as ArrayBuffer]);
