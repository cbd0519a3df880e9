/** Volumes, metrics and files to take away. */
import { METRIC_NAMES } from '../../../src/index.ts';
import { element } from '../../common/element.ts';
import { plainMessage } from '../plain_message.ts';
import { selectScan } from '../scans/scan_actions.ts';
import { type AppState, type AppStore, report, type Scan } from '../state/app_state.ts';
import { DownloadLink, saveFile } from './download.ts';
import { mergeEvaluations } from './merge_evaluations.ts';
import { type ResultCase, resultsCsv } from './result_rows.ts';
import { resultsTable } from './results_table.ts';
import type { FileToZip } from './zip_files.ts';

const caseOf = ({ name, segmentation, evaluation }: Scan): ResultCase[] =>
  segmentation ? [{ name, classes: segmentation.classes, evaluation: evaluation?.json }] : [];

const fileOf = ({ segmentation }: Scan): FileToZip[] =>
  segmentation ? [{ name: segmentation.fileName, blob: segmentation.file }] : [];

/** What a person should know of the results, as sentences. */
function remarks({ scans }: AppState): string[] {
  return scans.flatMap(({ name, segmentation, evaluation }) => [
    ...(segmentation?.warnings ?? []),
    ...(evaluation?.failure ? [`${name} could not be compared: ${evaluation.failure}`] : []),
  ]);
}

class ResultsPanel {
  private readonly store: AppStore;
  private readonly table = element('div', {
    class: 'scroll',
    role: 'region',
    'aria-label': 'Table of results',
    tabindex: 0,
  });
  private readonly remarks = element('ul', { class: 'remarks', hidden: true });
  private readonly link: DownloadLink;
  private readonly zip: HTMLButtonElement;
  private readonly csv: HTMLButtonElement;
  private readonly metrics = element('pre', {
    class: 'metrics',
    'data-testid': 'metrics',
    role: 'region',
    'aria-label': 'Metrics as JSON',
    tabindex: 0,
  });
  private readonly metricsPart = element(
    'div',
    { class: 'metrics-part', hidden: true },
    element('h3', {}, 'Metrics as JSON'),
    this.metrics,
  );
  private shown: readonly unknown[] = [];

  constructor(root: HTMLElement, store: AppStore) {
    this.store = store;
    const link = element(
      'a',
      { class: 'button', 'data-testid': 'download', role: 'link', 'aria-disabled': 'true' },
      'Segmentation of the selected scan',
    );
    this.link = new DownloadLink(link);
    this.zip = element(
      'button',
      { type: 'button', 'data-testid': 'zip', disabled: true, onclick: () => void this.saveAll() },
      'All as zip',
    );
    this.csv = element(
      'button',
      { type: 'button', 'data-testid': 'csv', disabled: true, onclick: () => this.saveCsv() },
      'Table as CSV',
    );
    root.replaceChildren(
      this.table,
      this.remarks,
      element('p', { class: 'row downloads' }, link, this.zip, this.csv),
      this.metricsPart,
    );
    store.subscribe(() => this.update());
  }

  private cases(): ResultCase[] {
    return this.store.get().scans.flatMap(caseOf);
  }

  private update(): void {
    const state = this.store.get();
    const { scans, selected, colours } = state;
    // Progress alone changes nothing here.
    const now = [
      selected,
      colours,
      ...scans.flatMap(({ name, segmentation, evaluation }) => [name, segmentation, evaluation]),
    ];
    if (now.length === this.shown.length && now.every((part, n) => part === this.shown[n])) return;
    this.shown = now;
    const cases = this.cases();
    const merged = mergeEvaluations(cases.flatMap(({ evaluation }) => evaluation ?? []));
    this.table.replaceChildren(
      cases.length > 0
        ? resultsTable({
            cases,
            merged,
            selected,
            colours,
            onSelect: (name) => selectScan(this.store, name),
          })
        : element(
            'p',
            { class: 'quiet' },
            'Volumes and, with a ground truth, metrics appear here.',
          ),
    );
    const sentences = remarks(state);
    this.remarks.hidden = sentences.length === 0;
    this.remarks.replaceChildren(...sentences.map((text) => element('li', {}, text)));
    this.link.update(scans.filter(({ name }) => name === selected).flatMap(fileOf)[0]);
    this.zip.disabled = cases.length === 0;
    this.csv.disabled = cases.length === 0;
    this.metricsPart.hidden = merged === undefined;
    this.metrics.textContent = merged ? JSON.stringify(merged, undefined, 2) : '';
  }

  private saveCsv(): void {
    const text = resultsCsv(this.cases(), METRIC_NAMES);
    saveFile({ name: 'voxgrad_results.csv', blob: new Blob([text], { type: 'text/csv' }) });
  }

  private async saveAll(): Promise<void> {
    this.zip.disabled = true;
    try {
      const { zipFiles } = await import('./zip_files.ts');
      const csv = new Blob([resultsCsv(this.cases(), METRIC_NAMES)], { type: 'text/csv' });
      const files = [
        ...this.store.get().scans.flatMap(fileOf),
        { name: 'voxgrad_results.csv', blob: csv },
      ];
      saveFile({ name: 'voxgrad_segmentations.zip', blob: await zipFiles(files) });
    } catch (error) {
      report(this.store, 'error', `the archive could not be made: ${plainMessage(error)}`);
    } finally {
      this.zip.disabled = this.cases().length === 0;
    }
  }
}

/** Fills an element with the results of all scans. */
export function createResultsPanel(root: HTMLElement, store: AppStore): void {
  new ResultsPanel(root, store);
}
