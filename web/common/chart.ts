/** One line chart over training steps, with a line or two per run. */
import uPlot from 'uplot';
import { element, swatch } from './element.ts';
import { short } from './format.ts';

export interface Line {
  readonly name: string;
  readonly colour: string;
  /** Drawn thin and pale, and not read out. */
  readonly isFaint?: boolean;
  readonly hasPoints?: boolean;
  /** Steps, ascending. */
  readonly x: readonly number[];
  readonly y: readonly (number | null)[];
}

export interface ChartOptions {
  /** Charts of one key share their cursor. */
  readonly sync: string;
  readonly isLogarithmic?: () => boolean;
  /** Lowest and highest value; by default those of the lines. */
  readonly range?: readonly [number, number];
}

const HEIGHT = 210;

const colourOf = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Lines with different steps on one axis. */
function aligned(lines: readonly Line[]): uPlot.AlignedData {
  if (lines.length === 0) return [[]];
  const tables = lines.map(({ x, y }) => [[...x], [...y]] as uPlot.AlignedData);
  return tables.length === 1 ? tables[0]! : uPlot.join(tables);
}

export class Chart {
  readonly root: HTMLElement;
  private readonly place = element('div', { class: 'plot', 'aria-hidden': 'true' });
  private readonly readout = element('span', { class: 'readout' });
  private readonly title: string;
  private readonly settings: ChartOptions;
  private lines: readonly Line[] = [];
  private steps = 1;
  private plot: uPlot | undefined;
  private shape = '';

  constructor(title: string, options: ChartOptions) {
    this.title = title;
    this.settings = options;
    const caption = element('figcaption', {}, element('span', {}, title), this.readout);
    this.root = element('figure', { class: 'chart' }, caption, this.place);
    new ResizeObserver(() => {
      const width = this.place.clientWidth;
      if (width > 0) this.plot?.setSize({ width, height: HEIGHT });
    }).observe(this.place);
  }

  /**
   * Draws lines; the chart is built anew only if there are others than before.
   *
   * @param steps length of the axis
   */
  show(lines: readonly Line[], steps: number): void {
    this.lines = lines;
    this.steps = Math.max(1, steps);
    const shape = JSON.stringify([
      lines.map(({ name, colour }) => [name, colour]),
      this.settings.isLogarithmic?.() ?? false,
      colourOf('--text'),
    ]);
    if (shape === this.shape && this.plot) {
      this.plot.setData(aligned(lines));
      this.read(undefined);
      return;
    }
    this.shape = shape;
    this.plot?.destroy();
    this.plot = new uPlot(this.options(lines), aligned(lines), this.place);
    this.read(undefined);
  }

  destroy(): void {
    this.plot?.destroy();
    this.plot = undefined;
  }

  private options(lines: readonly Line[]): uPlot.Options {
    const axis: uPlot.Axis = {
      stroke: colourOf('--muted'),
      font: '11px system-ui, sans-serif',
      grid: { stroke: colourOf('--line'), width: 1 },
      ticks: { show: false },
    };
    const { range } = this.settings;
    return {
      width: Math.max(200, this.place.clientWidth),
      height: HEIGHT,
      legend: { show: false },
      cursor: { sync: { key: this.settings.sync }, points: { size: 6 }, y: false },
      scales: {
        x: { time: false, range: () => [0, this.steps] },
        y: range
          ? { range: () => [range[0], range[1]] }
          : { distr: this.settings.isLogarithmic?.() ? 3 : 1 },
      },
      axes: [
        {
          ...axis,
          size: 26,
          space: 60,
          values: (_, ticks) => ticks.map((tick) => (Number.isInteger(tick) ? String(tick) : '')),
        },
        {
          ...axis,
          size: 52,
          space: 34,
          values: (_, ticks) => ticks.map((tick) => (tick === null ? '' : short(tick))),
        },
      ],
      series: [
        {},
        ...lines.map(({ name, colour, isFaint, hasPoints }) => ({
          label: name,
          stroke: isFaint ? `${colour}80` : colour,
          width: isFaint ? 1 : 2,
          spanGaps: true,
          points: { show: hasPoints ?? false, size: 5, fill: colour },
        })),
      ],
      hooks: { setCursor: [({ cursor }) => this.read(cursor.idx ?? undefined)] },
    };
  }

  /** Values at an index of the steps, or the last ones. */
  private read(index: number | undefined): void {
    const data = this.plot?.data;
    if (!data) return;
    const step = index === undefined ? undefined : data[0][index];
    const values = this.lines.flatMap(({ colour, isFaint, y, x }) => {
      if (isFaint) return [];
      const value =
        step === undefined ? y.findLast((v) => v !== null) : y[x.findLastIndex((at) => at <= step)];
      return value === null || value === undefined
        ? []
        : [element('span', {}, swatch(colour), short(value))];
    });
    const at = step === undefined ? [] : [element('span', { class: 'step' }, `step ${step}`)];
    this.readout.replaceChildren(...at, ...values.slice(0, 8));
    this.root.setAttribute('aria-label', `${this.title}: ${this.readout.textContent}`);
  }
}
