/** A file's row in the table of its data set; a file that cannot be read has one too. */
import type { DatasetRow, VolumeKind } from '../train/file_facts.ts';
import { describeGrid, describeVolume } from '../train/file_facts.ts';
import { readNiftiFile, readNiftiHeaderFile } from './nifti_file.ts';

export interface DescribeTask {
  readonly path: string;
  readonly kind: VolumeKind;
  readonly applyReorder: boolean;
  /** Do not read voxels: neither label volumes nor intensities, and damage there is not seen. */
  readonly headersOnly: boolean;
}

/** Never throws for what the file is. */
export async function describeFile(task: DescribeTask): Promise<DatasetRow> {
  const { path, applyReorder, headersOnly } = task;
  try {
    return headersOnly
      ? describeGrid(path, await readNiftiHeaderFile(path), applyReorder)
      : describeVolume(path, await readNiftiFile(path), task);
  } catch (error) {
    return unreadable(task, error as Error);
  }
}

/** The row of a file that could not be described; the path is not repeated in the message. */
export function unreadable({ path }: DescribeTask, { message }: Error): DatasetRow {
  return {
    path,
    error: message.startsWith(`${path}: `) ? message.slice(path.length + 2) : message,
  };
}
