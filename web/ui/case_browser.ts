/** The cases of a run, worst first, beside a viewer of the one that is chosen. */
import type { RunCase } from '../../src/index.ts';
import { element } from '../common/element.ts';
import { decimals } from '../common/format.ts';
import { Segments } from '../common/segments.ts';
import type { CaseViewer, Layer } from './case_viewer.ts';
import { LayerControls } from './layer_controls.ts';
import { type VolumeKind, volumeBytes } from './server.ts';

const LAYERS = ['image', 'label', 'prediction'] as const satisfies readonly VolumeKind[];

const VIEW_TITLES = {
  all: 'all',
  axial: 'axial',
  coronal: 'coronal',
  sagittal: 'sagittal',
  '3D': '3D',
} as const;
export type ViewName = keyof typeof VIEW_TITLES;

export class CaseBrowser {
  readonly root: HTMLElement;
  private readonly id: string;
  private readonly cases: readonly RunCase[];
  private readonly list = element('ul', { class: 'cases', 'aria-label': 'Cases, the worst first' });
  private readonly canvas = element('canvas', {
    tabindex: 0,
    role: 'img',
    'aria-label': 'No case is open',
  });
  private readonly message = element('p', { class: 'viewer-message', role: 'status' });
  private readonly location = element('output', { class: 'location' });
  private readonly controls: LayerControls;
  private readonly views = new Segments<ViewName>('View', (name) => void this.show(name));
  private viewer: Promise<CaseViewer> | undefined;
  private opened: string | undefined;
  private view: ViewName = 'all';

  constructor(id: string, cases: readonly RunCase[], classNames: readonly string[]) {
    this.id = id;
    this.cases = cases;
    this.controls = new LayerControls(classNames, () => void this.restyle());
    for (const item of cases) this.list.append(element('li', {}, this.button(item)));
    this.list.addEventListener('keydown', (event) => this.moveInList(event));
    this.views.offer(VIEW_TITLES);
    this.views.press(this.view);
    const stage = element('div', { class: 'stage' }, this.canvas, this.message);
    this.root = element(
      'div',
      { class: 'browser' },
      this.list,
      element(
        'div',
        { class: 'viewer' },
        element('div', { class: 'toolbar' }, this.views.root, this.location),
        stage,
        this.controls.root,
      ),
    );
    this.message.textContent = 'Choose a case to look at it.';
  }

  /** Frees the graphics context. */
  close(): void {
    void this.viewer?.then((viewer) => viewer.close());
  }

  private button({ name, section, dsc, prediction }: RunCase): HTMLButtonElement {
    const note = dsc === null ? (prediction === null ? '' : 'predicted') : decimals(dsc, 3);
    return element(
      'button',
      { type: 'button', 'data-case': name, onclick: () => void this.open(name) },
      element('span', { class: 'case-name' }, name),
      element('span', { class: 'quiet' }, section ?? ''),
      element('span', { class: 'number', title: 'Dice' }, note),
    );
  }

  private moveInList(event: KeyboardEvent): void {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by === undefined) return;
    const buttons = [...this.list.querySelectorAll('button')];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    buttons[at + by]?.focus();
    event.preventDefault();
  }

  private async open(name: string): Promise<void> {
    const found = this.cases.find((item) => item.name === name);
    if (!found) return;
    this.opened = name;
    for (const button of this.list.querySelectorAll('button')) {
      if (button.dataset.case === name) button.setAttribute('aria-current', 'true');
      else button.removeAttribute('aria-current');
    }
    this.message.hidden = false;
    this.message.textContent = `Reading ${name} …`;
    try {
      const viewer = await this.start();
      const kinds = LAYERS.filter((kind) => found[kind] !== null);
      const layers = await Promise.all(
        kinds.map(
          async (kind): Promise<Layer> => ({
            kind,
            name: found[kind]!,
            bytes: await volumeBytes(this.id, name, kind),
          }),
        ),
      );
      // Another case was chosen meanwhile.
      if (this.opened !== name) return;
      await viewer.open(layers);
      this.controls.show(kinds, viewer.classValues());
      viewer.style(this.controls.style);
      viewer.view(this.view);
      this.message.hidden = true;
      const shown = kinds.map(
        (kind) => ({ image: 'image', label: 'ground truth', prediction: 'prediction' })[kind],
      );
      this.canvas.setAttribute('aria-label', `${name}: ${shown.join(', ')}`);
      this.root.dataset.case = name;
    } catch (error) {
      if (this.opened !== name) return;
      this.message.hidden = false;
      this.message.textContent = `${name} cannot be shown: ${(error as Error).message}`;
    }
  }

  /** The viewer is a large package, and loaded when the first case is opened. */
  private start(): Promise<CaseViewer> {
    this.viewer ??= import('./case_viewer.ts').then(({ CaseViewer }) =>
      CaseViewer.attach(this.canvas, (text) => {
        this.location.textContent = text;
      }),
    );
    return this.viewer;
  }

  private async show(name: ViewName): Promise<void> {
    this.view = name;
    this.views.press(name);
    (await this.viewer)?.view(name);
  }

  private async restyle(): Promise<void> {
    (await this.viewer)?.style(this.controls.style);
  }
}
