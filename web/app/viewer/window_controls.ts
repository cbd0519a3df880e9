/** Sliders and presets for the values that are drawn black and white. */
import { element } from '../../common/element.ts';
import type { ScanImage } from './scan_image.ts';
import { type Range, windowPresets } from './windows.ts';

const STEPS = 500;
const OWN = 'Own';

export class WindowControls {
  readonly root: HTMLElement;
  private readonly onChange: (range: Range) => void;
  private readonly low: HTMLInputElement;
  private readonly high: HTMLInputElement;
  private readonly presets: HTMLSelectElement;
  private readonly text = element('output', { class: 'viewer-window' });
  private ranges = new Map<string, Range>();

  constructor(onChange: (range: Range) => void) {
    this.onChange = onChange;
    const slider = (name: string): HTMLInputElement =>
      element('input', { type: 'range', 'aria-label': name, oninput: () => this.slide() });
    this.low = slider('Values up to here are black');
    this.high = slider('Values from here are white');
    this.presets = element('select', {
      'aria-label': 'Window preset',
      onchange: () => this.choose(),
    });
    this.root = element(
      'fieldset',
      { class: 'viewer-group' },
      element('legend', {}, 'Window'),
      element('div', { class: 'viewer-line' }, this.presets, this.text),
      element('label', { class: 'viewer-slider' }, element('span', {}, 'Black'), this.low),
      element('label', { class: 'viewer-slider' }, element('span', {}, 'White'), this.high),
    );
  }

  /** Offers what suits a scan; gives the range to start with. */
  offer(image: ScanImage): Range {
    const presets = windowPresets(image);
    this.ranges = new Map(presets.map(({ name, range }) => [name, range]));
    this.presets.replaceChildren(
      ...presets.map(({ name }) => element('option', { value: name }, name)),
      element('option', { value: OWN, hidden: true }, 'own'),
    );
    const [low, high] = [
      Math.min(image.min, ...presets.map(({ range }) => range[0])),
      Math.max(image.max, ...presets.map(({ range }) => range[1])),
    ];
    const step = image.isWhole
      ? Math.max(1, Math.round((high - low) / STEPS))
      : (high - low) / STEPS;
    for (const slider of [this.low, this.high]) {
      slider.min = String(low);
      slider.max = String(high);
      slider.step = String(step);
    }
    const first = presets[0]!;
    this.presets.value = first.name;
    this.put(first.range);
    return first.range;
  }

  private put([low, high]: Range): void {
    this.low.value = String(low);
    this.high.value = String(high);
    this.tell([low, high]);
  }

  private choose(): void {
    const range = this.ranges.get(this.presets.value);
    if (!range) return;
    this.put(range);
    this.onChange(range);
  }

  /** A slider pushes the other one along: black stays below white. */
  private slide(): void {
    const step = Number(this.low.step);
    let [low, high] = [Number(this.low.value), Number(this.high.value)];
    if (low >= high) {
      if (document.activeElement === this.high) low = high - step;
      else high = low + step;
      this.low.value = String(low);
      this.high.value = String(high);
    }
    this.presets.value = OWN;
    this.tell([low, high]);
    this.onChange([low, high]);
  }

  private tell(range: Range): void {
    const [low, high] = range.map((value) => String(Number(value.toPrecision(4))));
    this.text.textContent = `${low} to ${high}`;
  }
}
