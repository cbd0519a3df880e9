/** What the page asks for under /api/. */
import { readdir } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { basename, join } from 'node:path';
import type { LabelledEvaluationJson } from '../../train/evaluation.ts';
import type { RunCase, RunCurves, RunDetail } from '../../train/run_listing.ts';
import { sendFile, sendJson, sendText } from '../local_server/send.ts';
import { runFolder } from '../run_folder.ts';
import type { RunStore } from '../runs/run_store.ts';
import type { StoredEvaluation } from '../runs/stored_evaluation.ts';
import type { RunFiles } from '../runs/summarize_run.ts';
import { containedFile } from './contained_file.ts';
import { type CaseFiles, type CaseFolders, runCases } from './run_cases.ts';

const VOLUMES = ['image', 'label', 'prediction'] as const;

const nameOf = (path: string | undefined): string | null =>
  path === undefined ? null : basename(path);

const caseRow = ({ name, section, dsc, image, label, prediction }: CaseFiles): RunCase => ({
  name,
  section,
  dsc,
  image: nameOf(image),
  label: nameOf(label),
  prediction: nameOf(prediction),
});

/** PNG files of a run's figures folder. */
async function figuresOf(root: string): Promise<string[]> {
  const names = await readdir(runFolder(root).figures).catch(() => []);
  return names.filter((name) => /\.png$/i.test(name) && !name.startsWith('.')).sort();
}

function curvesOf({ record, status, summary }: RunFiles, from: number): RunCurves {
  return {
    session: status?.sessionAt ?? '',
    from,
    totalSteps: summary.totalSteps,
    loss: record.loss.slice(from),
    lr: record.lr.slice(from),
    epochs: record.epochs,
  };
}

/** Answers requests about the runs of a store. Runs and files are only those that it lists. */
export class Api {
  private readonly store: RunStore;
  private readonly folders: CaseFolders;

  constructor(store: RunStore, folders: CaseFolders) {
    this.store = store;
    this.folders = folders;
  }

  async answer(url: URL, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = url;
    if (pathname === '/api/runs') {
      return sendJson(response, { root: this.store.root, runs: await this.store.list() });
    }
    const id = searchParams.get('id') ?? '';
    if (!this.store.has(id)) await this.store.list();
    if (!this.store.has(id)) return sendText(response, 404, 'no such run');
    const root = this.store.folder(id);
    if (pathname === '/api/figure') {
      return this.figure(root, searchParams.get('name') ?? '', response);
    }
    const { files, summary } = await this.store.read(id);
    if (!files) return sendText(response, 409, summary.error ?? 'the run is damaged');
    if (pathname === '/api/run') return sendJson(response, await this.detail(root, files));
    if (pathname === '/api/curves') {
      const from = Number(searchParams.get('from') ?? 0);
      return sendJson(response, curvesOf(files, Number.isInteger(from) && from > 0 ? from : 0));
    }
    if (pathname === '/api/volume') return this.volume(root, files, searchParams, response);
    sendText(response, 404, 'no such address');
  }

  private async detail(root: string, files: RunFiles): Promise<RunDetail> {
    const { cases, evaluation, classNames, notes } = await runCases(root, files, this.folders);
    return {
      summary: files.summary,
      config: files.config,
      classNames,
      figures: await figuresOf(root),
      evaluation: evaluation ? evaluationJson(evaluation) : null,
      cases: cases.map(caseRow),
      notes,
    };
  }

  private async figure(root: string, name: string, response: ServerResponse): Promise<void> {
    const known = (await figuresOf(root)).includes(name);
    const { figures } = runFolder(root);
    const path = known ? await containedFile(join(figures, name), [root]) : undefined;
    if (path === undefined) return sendText(response, 404, 'no such figure');
    await sendFile(response, path, 'image/png');
  }

  private async volume(
    root: string,
    files: RunFiles,
    query: URLSearchParams,
    response: ServerResponse,
  ): Promise<void> {
    const { cases, folders } = await runCases(root, files, this.folders);
    const found = cases.find(({ name }) => name === query.get('case'));
    const kind = VOLUMES.find((volume) => volume === query.get('kind'));
    const path = kind && found?.[kind];
    if (path === undefined) return sendText(response, 404, 'no such volume');
    const real = await containedFile(path, folders);
    if (real === undefined) {
      return sendText(
        response,
        404,
        `${basename(path)} is missing, or is a link that leads out of the folders of the run and its data`,
      );
    }
    await sendFile(response, real, 'application/octet-stream');
  }
}

function evaluationJson({ classes, ...rest }: StoredEvaluation): LabelledEvaluationJson {
  return classes ? { ...rest, classes } : rest;
}
