/** A part of the page that follows the runs. */
import type { RunSummary } from '../../src/index.ts';

export interface View {
  readonly root: HTMLElement;
  readonly title: string;
  /** Called at once and whenever a run has changed. */
  update(runs: readonly RunSummary[]): void;
  /** Called when another view takes its place. */
  leave(): void;
}
