/** Which files of a run folder go to a tracking server, and what describes its model there. */
import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { decodeModel } from '../../train/checkpoint.ts';

export interface RunFile {
  /** Below the run's artefacts, with forward slashes. */
  readonly path: string;
  /** On this machine. */
  readonly file: string;
}

/** Where the model and what describes it go. */
export const MODEL_FOLDER = 'model';
/** The one that is registered. */
export const MODEL_FILE = `${MODEL_FOLDER}/model.safetensors`;

/** Bookkeeping of this machine. */
const LOCAL = ['mlflow.json', 'status.json'];
const RECORDS = ['.json', '.csv', '.html', '.png'];
const FOLDERS = ['figures', 'evaluation'];

/** Files that training writes before its first step. */
const FIRST = ['config.json', 'split.json', 'kernels.json'];

async function entriesOf(folder: string): Promise<Dirent[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  });
  // Half-written files start with a dot.
  const visible = entries.filter(({ name }) => !name.startsWith('.'));
  return visible.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Settings, history, models, tables and figures. Not: checkpoints, predictions, event files, links.
 *
 * @param onlyFirst those that do not change while training goes on
 */
export async function runFiles(root: string, onlyFirst = false): Promise<RunFile[]> {
  const files: RunFile[] = [];
  for (const entry of await entriesOf(root)) {
    const { name } = entry;
    if (!entry.isFile() || LOCAL.includes(name) || (onlyFirst && !FIRST.includes(name))) continue;
    const isModel = extname(name) === '.safetensors';
    if (!isModel && !RECORDS.includes(extname(name))) continue;
    files.push({ path: isModel ? `${MODEL_FOLDER}/${name}` : name, file: join(root, name) });
  }
  if (onlyFirst) return files;
  for (const folder of FOLDERS) {
    for (const entry of await entriesOf(join(root, folder))) {
      const { name } = entry;
      if (!entry.isFile() || !RECORDS.includes(extname(name))) continue;
      files.push({ path: `${folder}/${name}`, file: join(root, folder, name) });
    }
  }
  return files;
}

/**
 * Files that accompany a model: `inference_settings.json`, all that is needed to use it, and `MLmodel`, by which MLflow
 * shows it as one. The same model gives the same bytes. None for a file that is no model.
 *
 * @param sha256 of the model file
 */
export function modelCard(
  bytes: Uint8Array,
  sha256: string,
  { runId, createdAt }: { readonly runId: string; readonly createdAt: number },
): { path: string; bytes: Uint8Array }[] {
  let model: ReturnType<typeof decodeModel>;
  try {
    model = decodeModel(bytes);
  } catch {
    return [];
  }
  const { stateDict: _, ...settings } = model;
  const card = {
    artifact_path: MODEL_FOLDER,
    flavors: {
      voxgrad: {
        data: 'model.safetensors',
        settings: 'inference_settings.json',
        network: settings.architecture.name,
      },
    },
    model_uuid: sha256.slice(0, 32),
    run_id: runId,
    utc_time_created: new Date(createdAt).toISOString().replace('T', ' ').replace('Z', '000'),
  };
  // JSON is YAML.
  return Object.entries({ 'inference_settings.json': settings, MLmodel: card }).map(
    ([name, value]) => ({
      path: `${MODEL_FOLDER}/${name}`,
      bytes: Buffer.from(`${JSON.stringify(value, null, 2)}\n`),
    }),
  );
}
