/** What is drawn over an image, how opaque, and in which colours. */
import { element } from '../common/element.ts';
import { predictionColour, truthColour } from '../common/palette.ts';
import type { VolumeKind } from './server.ts';

/** Label maps that lie over the image. */
export type OverlayKind = Exclude<VolumeKind, 'image'>;
const OVERLAYS = ['label', 'prediction'] as const satisfies readonly OverlayKind[];

const NAMES: Record<OverlayKind, string> = { label: 'Ground truth', prediction: 'Prediction' };
const FIRST_COLOUR = { label: truthColour, prediction: predictionColour };

export interface OverlayStyle {
  /** 0 for one that is switched off. */
  readonly opacity: number;
  /** `#rrggbb` by label value. */
  readonly colours: ReadonlyMap<number, string>;
}

export interface LayerStyle {
  readonly label: OverlayStyle;
  readonly prediction: OverlayStyle;
  /** Only the borders of label maps. */
  readonly isOutline: boolean;
}

interface Overlay {
  readonly shown: HTMLInputElement;
  readonly opacity: HTMLInputElement;
  readonly colours: Map<number, string>;
  readonly root: HTMLElement;
  readonly swatches: HTMLElement;
}

export class LayerControls {
  readonly root: HTMLElement;
  private readonly classNames: readonly string[];
  private readonly onChange: () => void;
  private readonly outline: HTMLInputElement;
  private readonly overlays: Record<OverlayKind, Overlay>;

  constructor(classNames: readonly string[], onChange: () => void) {
    this.classNames = classNames;
    this.onChange = onChange;
    this.overlays = { label: this.overlay('label'), prediction: this.overlay('prediction') };
    this.outline = element('input', { type: 'checkbox', onchange: onChange });
    this.root = element(
      'div',
      { class: 'layers', hidden: true },
      ...OVERLAYS.map((kind) => this.overlays[kind].root),
      element('label', { class: 'choice' }, this.outline, 'outlines only'),
    );
  }

  get style(): LayerStyle {
    const of = (kind: OverlayKind): OverlayStyle => {
      const { shown, opacity, colours } = this.overlays[kind];
      return { opacity: shown.checked ? Number(opacity.value) : 0, colours };
    };
    return { label: of('label'), prediction: of('prediction'), isOutline: this.outline.checked };
  }

  /** Offers the layers that a case has, with a colour for each of its classes. */
  show(kinds: readonly VolumeKind[], classValues: readonly number[]): void {
    this.root.hidden = kinds.every((kind) => kind === 'image');
    for (const kind of OVERLAYS) {
      const { root, colours, swatches } = this.overlays[kind];
      root.hidden = !kinds.includes(kind);
      for (const value of classValues) {
        if (!colours.has(value)) colours.set(value, FIRST_COLOUR[kind](value));
      }
      swatches.replaceChildren(...classValues.map((value) => this.colour(kind, value)));
    }
  }

  private overlay(kind: OverlayKind): Overlay {
    const name = NAMES[kind];
    const shown = element('input', { type: 'checkbox', checked: true, onchange: this.onChange });
    const opacity = element('input', {
      type: 'range',
      min: 0,
      max: 1,
      step: 0.05,
      value: kind === 'label' ? 0.55 : 0.45,
      'aria-label': `Opacity of ${name.toLowerCase()}`,
      oninput: this.onChange,
    });
    const swatches = element('div', { class: 'swatches' });
    const root = element(
      'fieldset',
      { hidden: true },
      element('legend', {}, element('label', {}, shown, name)),
      opacity,
      swatches,
    );
    return { shown, opacity, colours: new Map(), root, swatches };
  }

  private colour(kind: OverlayKind, value: number): HTMLElement {
    const { colours } = this.overlays[kind];
    const name = this.classNames[value] || `label ${value}`;
    const input = element('input', {
      type: 'color',
      value: colours.get(value),
      'aria-label': `Colour of ${name} in ${NAMES[kind].toLowerCase()}`,
      oninput: () => {
        colours.set(value, input.value);
        this.onChange();
      },
    });
    return element('label', {}, input, name);
  }
}
