/** What a training leaves on record while an epoch is under way: a heartbeat and a line per step. */
import { appendFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import type { StepRecord } from '../../train/history.ts';
import { writeJsonFile } from '../whole_file.ts';
import { type RunStatus, readRunStatus, STATUS_FILE } from './run_status.ts';

export const STEPS_FILE = 'steps.jsonl';

const HEARTBEAT_MS = 5_000;
/** Steps of this long go to the file together. */
const FLUSH_MS = 500;

export interface LiveRecordOptions {
  /** The run folder; it exists. */
  readonly root: string;
  /** Folder of the data set. */
  readonly data: string;
  readonly classNames: readonly string[];
  readonly parameters: number;
  readonly totalSteps: number;
  /** The run goes on after an interruption: it keeps the time of its start. */
  readonly resumed: boolean;
  /** Called once if the record cannot be written; training is not stopped by that. */
  readonly onWarning?: (message: string) => void;
}

const line = (step: StepRecord): string => `${JSON.stringify(step)}\n`;

/**
 * Writes RUN/status.json every five seconds, and to RUN/steps.jsonl the steps that history.json does
 * not hold yet. Nothing here is needed for a resume.
 */
export class LiveRecord {
  private readonly options: LiveRecordOptions;
  private readonly timers: NodeJS.Timeout[] = [];
  private status: RunStatus;
  /** That history.json does not hold yet, and how many of them are in the file. */
  private steps: StepRecord[] = [];
  private flushed = 0;
  private hasFailed = false;
  /** Writes happen one after the other. */
  private queue: Promise<void> = Promise.resolve();

  private constructor(options: LiveRecordOptions, status: RunStatus) {
    this.options = options;
    this.status = status;
  }

  /** Says that a training begins. `end` must be called. */
  static async start(options: LiveRecordOptions): Promise<LiveRecord> {
    const { root, data, classNames, parameters, totalSteps, resumed } = options;
    const now = new Date().toISOString();
    const before = resumed ? await readRunStatus(root) : undefined;
    const record = new LiveRecord(options, {
      state: 'running',
      pid: process.pid,
      host: hostname(),
      startedAt: before?.startedAt ?? now,
      sessionAt: now,
      updatedAt: now,
      data: resolve(data),
      classNames: [...classNames],
      parameters,
      totalSteps,
      error: null,
    });
    record.write(() => writeFile(join(root, STEPS_FILE), ''));
    record.beat();
    record.timers.push(
      setInterval(() => record.beat(), HEARTBEAT_MS).unref(),
      setInterval(() => record.flush(), FLUSH_MS).unref(),
    );
    await record.queue;
    return record;
  }

  /** Takes a step; it is on disk within half a second. */
  step(step: StepRecord): void {
    this.steps.push(step);
  }

  /** Forgets the first `count` steps of the run. Call it after history.json was written, which has them. */
  saved(count: number): void {
    this.steps = this.steps.filter(({ step }) => step >= count);
    this.flushed = this.steps.length;
    const text = this.steps.map(line).join('');
    this.write(() => writeFile(join(this.options.root, STEPS_FILE), text));
  }

  /** Says how the training ended. Call it after history.json was written. */
  async end(error?: unknown): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    this.status = {
      ...this.status,
      state: error === undefined ? 'finished' : 'interrupted',
      error: error === undefined ? null : error instanceof Error ? error.message : String(error),
    };
    this.beat();
    this.write(() => rm(join(this.options.root, STEPS_FILE), { force: true }));
    await this.queue;
  }

  private beat(): void {
    this.status = { ...this.status, updatedAt: new Date().toISOString() };
    const { status } = this;
    this.write(() => writeJsonFile(join(this.options.root, STATUS_FILE), status));
  }

  private flush(): void {
    if (this.steps.length === this.flushed) return;
    const text = this.steps.slice(this.flushed).map(line).join('');
    this.flushed = this.steps.length;
    this.write(() => appendFile(join(this.options.root, STEPS_FILE), text));
  }

  private write(work: () => Promise<void>): void {
    this.queue = this.queue.then(work).catch((error: Error) => {
      if (!this.hasFailed) {
        this.options.onWarning?.(`the state of the run cannot be recorded: ${error.message}`);
      }
      this.hasFailed = true;
    });
  }
}
