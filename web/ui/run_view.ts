/** One run: its results, curves, scans, metrics, figures and settings. */
import type { RunDetail, RunSummary } from '../../src/index.ts';
import { element } from '../common/element.ts';
import { date, decimals, duration, sizes, whole } from '../common/format.ts';
import { runColour } from '../common/palette.ts';
import { CaseBrowser } from './case_browser.ts';
import type { CurveStore } from './curve_store.ts';
import { CurvesPanel } from './curves_panel.ts';
import { evaluationTables } from './evaluation_table.ts';
import { stateLabel } from './runs_table.ts';
import { figureAddress, runDetail } from './server.ts';
import { SettingsTable } from './settings_table.ts';
import type { View } from './view.ts';

function facts(run: RunSummary): HTMLElement {
  const entries: [string, string][] = [
    ['Best Dice', decimals(run.bestDice)],
    ['Valid loss', decimals(run.validLoss)],
    ['Test DSC', decimals(run.evaluation?.dsc)],
    ['Steps', `${run.steps} / ${run.totalSteps ?? '?'}`],
    ['Epochs', String(run.epochs)],
    ['Time', duration(run.seconds)],
    ['Patch', sizes(run.patchSize)],
    ['Spacing, mm', sizes(run.spacing, 'own')],
    ['Parameters', whole(run.parameters)],
    ['Started', date(run.started)],
  ];
  return element(
    'dl',
    { class: 'facts' },
    ...entries.map(([name, value]) =>
      element('div', {}, element('dt', {}, name), element('dd', {}, value)),
    ),
  );
}

export class RunView implements View {
  readonly title: string;
  readonly root: HTMLElement;
  private readonly id: string;
  private readonly head = element('div');
  private readonly curves: CurvesPanel;
  private readonly scans = element('div');
  private readonly evaluation = element('div');
  private readonly figures = element('div', { class: 'figures' });
  private readonly settings = new SettingsTable();
  private browser: CaseBrowser | undefined;
  private version = '';

  constructor(id: string, store: CurveStore) {
    this.id = id;
    this.title = `${id}, voxgrad runs`;
    this.curves = new CurvesPanel(store, 'run');
    const section = (name: string, content: HTMLElement): HTMLElement =>
      element('section', { 'aria-label': name }, element('h2', {}, name), content);
    this.root = element(
      'div',
      { class: 'run' },
      element('p', { class: 'back' }, element('a', { href: '#/' }, '← All runs')),
      this.head,
      section('Curves', this.curves.root),
      section('Scans', this.scans),
      section('Evaluation', this.evaluation),
      section('Figures', this.figures),
      section('Settings', this.settings.root),
    );
  }

  update(runs: readonly RunSummary[]): void {
    const run = runs.find(({ id }) => id === this.id);
    if (!run) {
      this.head.replaceChildren(
        element('p', { class: 'notice' }, 'There is no such run any more.'),
      );
      return;
    }
    this.head.replaceChildren(
      element('h1', {}, `${run.name} `, stateLabel(run)),
      run.error === null ? '' : element('p', { class: 'notice' }, run.error),
      facts(run),
    );
    this.curves.show([{ run, colour: runColour(0) }]);
    // Only whole epochs change what is below the curves.
    const version = `${run.state} ${run.epochs} ${run.evaluation?.cases}`;
    if (version !== this.version) void this.load(run);
    this.version = version;
  }

  leave(): void {
    this.browser?.close();
  }

  private async load(run: RunSummary): Promise<void> {
    if (run.state === 'damaged') return;
    try {
      this.showDetail(await runDetail(this.id), run);
    } catch (error) {
      this.evaluation.replaceChildren(element('p', { class: 'notice' }, (error as Error).message));
    }
  }

  private showDetail(detail: RunDetail, run: RunSummary): void {
    const { config, evaluation, classNames, figures, cases, notes } = detail;
    const quiet = (text: string): HTMLElement => element('p', { class: 'quiet' }, text);
    this.settings.show([{ name: run.name, config }]);
    this.evaluation.replaceChildren(
      ...(evaluation
        ? evaluationTables(evaluation, classNames)
        : [quiet(`Not evaluated: voxgrad evaluate --out ${run.id}/evaluation stores one here.`)]),
    );
    this.figures.replaceChildren(
      ...(figures.length > 0
        ? figures.map((name) => this.figure(name, run.version))
        : [quiet('No figures yet.')]),
    );
    const remarks = notes.map(quiet);
    if (cases.length === 0) this.scans.replaceChildren(...remarks);
    else if (!this.browser) {
      this.browser = new CaseBrowser(this.id, cases, classNames);
      this.scans.replaceChildren(this.browser.root, ...remarks);
    }
  }

  private figure(name: string, version: string): HTMLElement {
    const source = `${figureAddress(this.id, name)}&version=${encodeURIComponent(version)}`;
    const image = element('img', {
      src: source,
      alt: name.replace(/\.png$/i, ''),
      loading: 'lazy',
    });
    return element(
      'figure',
      {},
      element('a', { href: source }, image),
      element('figcaption', {}, name),
    );
  }
}
