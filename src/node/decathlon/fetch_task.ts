/** From a server to a task folder that is whole, or not there. */
import { existsSync } from 'node:fs';
import { readFile, rename, rm, rmdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ConfigError, FormatError, VoxgradError } from '../../errors.ts';
import { parseDatasetJson } from '../../io/dataset_json.ts';
import { makeFolder } from '../whole_file.ts';
import { md5OfFile } from './checksum.ts';
import { checkRoom, fileError } from './disk_room.ts';
import { type DownloadOptions, downloadFile } from './download.ts';
import { extractTar } from './extract_tar.ts';
import { withFileLock } from './file_lock.ts';
import { DECATHLON_URL, type DecathlonTask } from './tasks.ts';

export type FetchStage = 'download' | 'verify' | 'extract';

export interface FetchOptions extends Omit<DownloadOptions, 'onProgress'> {
  /** Folder of the archives on another server; their checksums must be the same. */
  readonly url?: string | undefined;
  /** Bytes done and in all; the latter undefined where a server does not say it. */
  readonly onProgress?:
    | ((stage: FetchStage, done: number, total: number | undefined) => void)
    | undefined;
}

export interface FetchedTask {
  /** Absolute, with dataset.json in it. */
  readonly folder: string;
  /** Not needed any more; missing if the folder was there already. */
  readonly archive?: string;
}

/**
 * `<root>/<task>` as the Decathlon has it: downloaded to `<root>/<task>.tar`, its md5 compared,
 * unpacked beside and then put in place. What is there already is not done again. Two processes at
 * once: the second waits for the first.
 *
 * @throws VoxgradError where the server, the disk or the checksum say no; FormatError for an archive
 *   that is no data set or not safe to unpack; the signal's reason. There is no task folder then, and
 *   what has been downloaded stays.
 * @see MONAI download_and_extract
 * Differs from MONAI: broken downloads go on, no entry of an archive lands outside the folder, and
 * where the folder is whole its archive is neither needed nor looked at.
 */
export async function fetchTask(
  task: DecathlonTask,
  root: string,
  options: FetchOptions = {},
): Promise<FetchedTask> {
  const folder = resolve(root, task.name);
  const archive = `${folder}.tar`;
  if (isTaskFolder(folder)) return { folder };
  await makeFolder(resolve(root));
  const { signal, onWarning } = options;
  const onWait = (holder: string): void => onWarning?.(`waiting for ${holder}, which is at it`);
  return withFileLock(
    resolve(root, `.${task.name}.lock`),
    async () => {
      if (isTaskFolder(folder)) return { folder };
      await refuseOtherFolder(folder);
      if (!existsSync(archive)) await downloadArchive(task, archive, options);
      else await checkArchive(task, archive, options);
      await unpack(task, archive, folder, options);
      return { folder, archive };
    },
    { signal, onWait },
  );
}

const isTaskFolder = (folder: string): boolean => existsSync(join(folder, 'dataset.json'));

async function refuseOtherFolder(folder: string): Promise<void> {
  if (!existsSync(folder)) return;
  await rmdir(folder).catch((error) => {
    throw new ConfigError(
      `fetchTask: the place of the task folder is taken. ${folder} is there, without a dataset.json. Move it away, or choose another root.`,
      { cause: error },
    );
  });
}

const md5Of = (path: string, { signal, onProgress }: FetchOptions): Promise<string> =>
  md5OfFile(path, { signal, onProgress: (done, total) => onProgress?.('verify', done, total) });

async function downloadArchive(
  task: DecathlonTask,
  archive: string,
  options: FetchOptions,
): Promise<void> {
  const { url = DECATHLON_URL, onProgress } = options;
  const address = `${url.replace(/\/+$/, '')}/${task.name}.tar`;
  const part = `${archive}.part`;
  await downloadFile(address, part, {
    ...options,
    onProgress: (done, total) => onProgress?.('download', done, total),
  });
  const md5 = await md5Of(part, options);
  if (md5 === task.md5) {
    await rename(part, archive);
    return;
  }
  const { size } = await stat(part);
  const kept = `${archive}.wrong`;
  await rename(part, kept);
  throw new VoxgradError(
    `fetchTask: what was downloaded is not ${task.name}.tar. ${address} sent ${size} bytes with md5 ${md5}, expected ${task.md5}. They are kept as ${kept}, to look at; run again to download afresh, or name a mirror as url.`,
  );
}

async function checkArchive(
  task: DecathlonTask,
  archive: string,
  options: FetchOptions,
): Promise<void> {
  const md5 = await md5Of(archive, options);
  if (md5 === task.md5) return;
  throw new VoxgradError(
    `fetchTask: the archive that is there is not ${task.name}.tar. ${archive} has md5 ${md5}, expected ${task.md5}. Delete it or move it away, and run again.`,
  );
}

async function unpack(
  task: DecathlonTask,
  archive: string,
  folder: string,
  { signal, onProgress }: FetchOptions,
): Promise<void> {
  const temporary = resolve(folder, '..', `.${task.name}.unpacking`);
  // Of a process that was killed.
  await rm(temporary, { recursive: true, force: true });
  await checkRoom(resolve(folder, '..'), (await stat(archive)).size, 'unpacking');
  try {
    const files = await extractTar(archive, temporary, {
      top: task.name,
      signal,
      onProgress: (done, total) => onProgress?.('extract', done, total),
    });
    await checkComplete(task, temporary, new Set(files));
    await rename(join(temporary, task.name), folder).catch((error) => {
      throw fileError('fetchTask', folder, error);
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function checkComplete(
  { name }: DecathlonTask,
  root: string,
  files: ReadonlySet<string>,
): Promise<void> {
  const path = join(root, name, 'dataset.json');
  const text = files.has(`${name}/dataset.json`) ? await readFile(path, 'utf8') : undefined;
  if (text === undefined) {
    throw new FormatError(
      `fetchTask: the archive holds no data set. There is no ${name}/dataset.json among its ${files.size} files. Do not use this archive.`,
    );
  }
  const { training, test } = parseDatasetJson(text);
  const listed = [...training.flatMap(({ image, label }) => [image, label]), ...test];
  const missing = listed.find((file) => !files.has(`${name}/${file}`));
  if (missing === undefined) return;
  throw new FormatError(
    `fetchTask: the archive lacks a file that its dataset.json names. Got none called ${name}/${missing}. Do not use this archive.`,
  );
}
