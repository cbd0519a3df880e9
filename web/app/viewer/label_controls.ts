/** How label maps are drawn: which one, how opaque, filled or as outlines, and the scan behind them in 3D. */
import { element } from '../../common/element.ts';
import { Segments } from '../../common/segments.ts';
import { LAYER_TITLES, type LayerName } from './layers.ts';
import type { LabelStyle } from './stage.ts';

export class LabelControls {
  readonly root: HTMLElement;
  private readonly onStyle: (style: LabelStyle) => void;
  private readonly layers: Segments<LayerName>;
  private readonly opacity: HTMLInputElement;
  private readonly outline: HTMLInputElement;
  private readonly scanIn3d: HTMLInputElement;
  private readonly scanLine: HTMLElement;
  private areShown = true;

  /** @param legend goes between the choice of the map and the sliders */
  constructor(
    legend: HTMLElement,
    onLayer: (layer: LayerName) => void,
    onStyle: (style: LabelStyle) => void,
  ) {
    this.onStyle = onStyle;
    this.layers = new Segments('Label map', onLayer);
    const change = () => onStyle(this.style);
    const slider = (value: number, oninput: () => void) =>
      element('input', { type: 'range', min: 0, max: 1, step: 0.05, value, oninput });
    this.opacity = slider(0.5, () => {
      this.areShown = true;
      change();
    });
    this.outline = element('input', { type: 'checkbox', onchange: change });
    this.scanIn3d = slider(1, change);
    this.scanLine = element(
      'label',
      { class: 'viewer-slider' },
      element('span', {}, 'Scan in 3D'),
      this.scanIn3d,
    );
    this.root = element(
      'fieldset',
      { class: 'viewer-group' },
      element('legend', {}, 'Labels'),
      this.layers.root,
      legend,
      element('label', { class: 'viewer-slider' }, element('span', {}, 'Opacity'), this.opacity),
      element('label', { class: 'viewer-check' }, this.outline, 'outlines'),
      this.scanLine,
    );
  }

  get style(): LabelStyle {
    return {
      opacity: this.areShown ? Number(this.opacity.value) : 0,
      isOutline: this.outline.checked,
      scanIn3d: Number(this.scanIn3d.value),
    };
  }

  offer(available: readonly LayerName[], current: LayerName | undefined): void {
    this.root.hidden = available.length === 0;
    this.layers.offer(Object.fromEntries(available.map((name) => [name, LAYER_TITLES[name]])));
    this.layers.press(current);
  }

  /** The 3D rendering is seen, or not. */
  set has3d(isSeen: boolean) {
    this.scanLine.hidden = !isSeen;
  }

  toggleOutline(): void {
    this.outline.checked = !this.outline.checked;
    this.onStyle(this.style);
  }

  toggleShown(): void {
    this.areShown = !this.areShown;
    this.onStyle(this.style);
  }
}
