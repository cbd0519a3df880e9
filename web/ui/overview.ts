/** All runs in a table; those selected with their curves and settings side by side. */
import type { RunSummary } from '../../src/index.ts';
import { element } from '../common/element.ts';
import { runColour } from '../common/palette.ts';
import type { CurveStore } from './curve_store.ts';
import { type ColouredRun, CurvesPanel } from './curves_panel.ts';
import { RunsTable } from './runs_table.ts';
import { runDetail } from './server.ts';
import { SettingsTable } from './settings_table.ts';
import type { View } from './view.ts';

export class Overview implements View {
  readonly title = 'voxgrad runs';
  readonly root: HTMLElement;
  private readonly table = new RunsTable({
    onSelect: (id, isSelected) => this.select(id, isSelected),
  });
  private readonly curves: CurvesPanel;
  private readonly settings = new SettingsTable();
  private readonly count = element('span', { class: 'quiet' });
  private readonly empty = element('p', { class: 'notice', hidden: true });
  private readonly hint = element(
    'p',
    { class: 'quiet' },
    'Select two runs or more to see how their settings differ.',
  );
  private readonly comparison: HTMLElement;
  /** Place of a run in the palette: it keeps its colour while others come and go. */
  private readonly selected: Map<string, number>;
  private readonly configs = new Map<string, unknown>();
  private runs: readonly RunSummary[] = [];
  private hasChosen: boolean;

  /** @param selected places in the palette by id; kept by the caller while other views are shown */
  constructor(store: CurveStore, selected: Map<string, number>) {
    this.selected = selected;
    this.hasChosen = selected.size > 0;
    this.curves = new CurvesPanel(store, 'overview');
    this.comparison = element(
      'div',
      {},
      element('section', { 'aria-label': 'Curves' }, element('h2', {}, 'Curves'), this.curves.root),
      element(
        'section',
        { 'aria-label': 'Settings' },
        element('h2', {}, 'Settings'),
        this.hint,
        this.settings.root,
      ),
    );
    this.root = element(
      'div',
      { class: 'overview' },
      element('h1', {}, 'Runs ', this.count),
      this.empty,
      this.table.root,
      this.comparison,
    );
  }

  update(runs: readonly RunSummary[]): void {
    this.runs = runs;
    if (!this.hasChosen) this.chooseFirst();
    this.empty.hidden = runs.length > 0;
    this.empty.textContent =
      'There are no runs in this folder yet. voxgrad train --out writes one, and it appears here.';
    this.table.root.hidden = this.comparison.hidden = runs.length === 0;
    this.count.textContent = String(runs.length);
    this.draw();
  }

  leave(): void {}

  /** What trains, or else the newest run. */
  private chooseFirst(): void {
    const whole = this.runs.filter(({ state }) => state !== 'damaged');
    const running = whole.filter(({ state }) => state === 'running');
    const newest = [...whole].sort((a, b) => (b.started ?? '').localeCompare(a.started ?? ''));
    const chosen = running.length > 0 ? running : newest.slice(0, 1);
    this.selected.clear();
    chosen.forEach(({ id }, n) => {
      this.selected.set(id, n);
    });
  }

  private select(id: string, isSelected: boolean): void {
    this.hasChosen = true;
    if (isSelected) {
      const taken = new Set(this.selected.values());
      let place = 0;
      while (taken.has(place)) place++;
      this.selected.set(id, place);
    } else this.selected.delete(id);
    this.draw();
  }

  private draw(): void {
    const chosen = this.runs.filter(({ id }) => this.selected.has(id));
    const coloured: ColouredRun[] = chosen.map((run) => ({
      run,
      colour: runColour(this.selected.get(run.id)!),
    }));
    this.table.show(this.runs, new Map(coloured.map(({ run, colour }) => [run.id, colour])));
    this.curves.show(coloured);
    void this.showSettings(coloured);
  }

  private async showSettings(coloured: readonly ColouredRun[]): Promise<void> {
    for (const { run } of coloured) {
      if (this.configs.has(run.id) || run.state === 'damaged') continue;
      const detail = await runDetail(run.id).catch(() => undefined);
      this.configs.set(run.id, detail?.config ?? {});
    }
    const known = coloured.filter(({ run }) => this.selected.has(run.id));
    this.hint.hidden = known.length > 1;
    this.settings.root.hidden = known.length < 2;
    this.settings.show(
      known.map(({ run, colour }) => ({
        name: run.name,
        colour,
        config: this.configs.get(run.id),
      })),
    );
  }
}
