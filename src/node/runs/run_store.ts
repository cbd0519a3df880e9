/** The runs below a folder, read again only where files have changed. */
import { join } from 'node:path';
import type { RunSummary } from '../../train/run_listing.ts';
import { findRuns } from './find_runs.ts';
import type { HistoryCache } from './read_record.ts';
import { damagedRun, type RunFiles, readRun, runVersion, stateOf } from './summarize_run.ts';

type Entry = { readonly files?: RunFiles; readonly summary: RunSummary };

export class RunStore {
  readonly root: string;
  private readonly histories: HistoryCache = new Map();
  private readonly entries = new Map<string, Entry>();

  constructor(root: string) {
    this.root = root;
  }

  /** Folder of a run. */
  folder(id: string): string {
    return join(this.root, id);
  }

  /**
   * A row per run, sorted by name; damaged ones are rows with an error.
   *
   * @throws ConfigError if the folder cannot be read
   */
  async list(): Promise<RunSummary[]> {
    const ids = await findRuns(this.root);
    for (const id of this.entries.keys()) if (!ids.includes(id)) this.entries.delete(id);
    const rows: RunSummary[] = [];
    for (const id of ids) rows.push((await this.refresh(id)).summary);
    return rows;
  }

  /** Whether `list` has found such a run. */
  has(id: string): boolean {
    return this.entries.has(id);
  }

  /** Everything about a run; `files` is missing of a damaged one. */
  async read(id: string): Promise<Entry> {
    return this.refresh(id);
  }

  private async refresh(id: string): Promise<Entry> {
    const root = this.folder(id);
    const version = await runVersion(root);
    const known = this.entries.get(id);
    if (known?.summary.version === version) {
      const { files } = known;
      const state = files ? stateOf(files.record, files.status) : 'damaged';
      const entry = { ...known, summary: { ...known.summary, state } };
      this.entries.set(id, entry);
      return entry;
    }
    let entry: Entry;
    try {
      const files = await readRun(root, id, this.histories);
      entry = { files, summary: files.summary };
    } catch (error) {
      entry = { summary: damagedRun(root, id, version, error) };
    }
    this.entries.set(id, entry);
    return entry;
  }
}

/**
 * A row per run below a folder, sorted by name.
 *
 * @throws ConfigError if the folder cannot be read
 */
export async function listRuns(root: string): Promise<RunSummary[]> {
  return new RunStore(root).list();
}
