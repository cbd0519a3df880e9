/** The files of a training run: their names, and reading and writing them. */
import { join } from 'node:path';
import { ConfigError } from '../errors.ts';
import { checkSplit, type SplitSection, type SubjectSplit } from '../train/subject_split.ts';
import { readJsonFile } from './json_file.ts';
import { makeFolder, writeJsonFile } from './whole_file.ts';

export interface RunFolder {
  readonly root: string;
  /** Resolved settings; fed back as --config they repeat the run. */
  readonly config: string;
  /** Subject names by section. */
  readonly split: string;
  /** The kernel that computes each convolution, by its sizes. */
  readonly kernels: string;
  /** Losses and metrics per step and epoch. */
  readonly history: string;
  /** The same of each epoch, as a table. */
  readonly historyCsv: string;
  /** Event files of TensorBoard. */
  readonly tensorBoard: string;
  /** What the learning-rate finder tried and suggests. */
  readonly lrFind: string;
  /** The best model. */
  readonly model: string;
  /** Everything that --resume needs. */
  readonly checkpoint: string;
  readonly figures: string;
  /** What the run is called on tracking servers, and what they have of it. */
  readonly mlflow: string;
}

/** Paths of a run's files; nothing is created. */
export function runFolder(root: string): RunFolder {
  return {
    root,
    config: join(root, 'config.json'),
    split: join(root, 'split.json'),
    kernels: join(root, 'kernels.json'),
    history: join(root, 'history.json'),
    historyCsv: join(root, 'history.csv'),
    tensorBoard: join(root, 'tensorboard'),
    lrFind: join(root, 'lr_find.json'),
    model: join(root, 'model.safetensors'),
    checkpoint: join(root, 'checkpoints', 'last.safetensors'),
    figures: join(root, 'figures'),
    mlflow: join(root, 'mlflow.json'),
  };
}

/** Creates the folders of a run. */
export async function makeRunFolder(root: string): Promise<RunFolder> {
  const folder = runFolder(root);
  await makeFolder(folder.figures);
  return folder;
}

/**
 * Subject names by section.
 *
 * @param known names that may occur; without it any
 * @throws FormatError for an unreadable file, ConfigError for a split that makes no sense
 */
export async function readSplitFile(
  path: string,
  known?: readonly string[],
): Promise<SubjectSplit> {
  return checkSplit(await readJsonFile(path), known);
}

export async function writeSplitFile(path: string, split: SubjectSplit): Promise<void> {
  await writeJsonFile(path, split);
}

/**
 * The subjects of one section.
 *
 * @throws ConfigError if it names none
 */
export async function readSplitSection(
  path: string,
  section: SplitSection,
): Promise<readonly string[]> {
  const names = (await readSplitFile(path))[section];
  if (names.length > 0) return names;
  throw new ConfigError(
    `readSplitSection: the section is empty. ${path} has nobody under '${section}'. Train with --test-pct to hold subjects out, or choose another --section.`,
  );
}
