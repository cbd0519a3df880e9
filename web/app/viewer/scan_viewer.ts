/** The place where the selected scan is drawn, with its label maps. */
import { element } from '../../common/element.ts';
import { Segments } from '../../common/segments.ts';
import { ClassList } from './class_list.ts';
import { Crosshair } from './crosshair.ts';
import { keyHelp } from './key_help.ts';
import { handleKey } from './keyboard.ts';
import { LabelControls } from './label_controls.ts';
import { LAYER_TITLES, type LayerName, Layers } from './layers.ts';
import { Preparation } from './prepare.ts';
import type { ScanImage, Triple } from './scan_image.ts';
import type { Stage, ViewName } from './stage.ts';
import { hasWebgl, StageHost } from './stage_host.ts';
import { WindowControls } from './window_controls.ts';

export interface ShownClass {
  /** Label value, from 1. */
  readonly value: number;
  readonly name: string;
}

/** A NIfTI file under the name that it was given. */
export interface NamedFile {
  readonly name: string;
  readonly file: Blob;
}

export interface ShownScan {
  /** Stays the same while label maps come and go, so that the view can stay, too. */
  readonly name: string;
  readonly image: NamedFile;
  readonly groundTruth: NamedFile | undefined;
  readonly prediction: NamedFile | undefined;
  /** What the label values above 0 mean. */
  readonly classes: readonly ShownClass[];
}

export interface ScanViewer {
  /** Draws a scan, or says that none is selected; returns at once, what fails is told on the page. */
  show(scan: ShownScan | undefined): void;
  /** Frees the graphics context and the worker. */
  dispose(): void;
}

export interface ScanViewerOptions {
  /** Hears the colours of the classes in the prediction (`#rrggbb` by label value) when they are changed. */
  readonly onColours?: (colours: ReadonlyMap<number, string>) => void;
}

const VIEW_TITLES: Readonly<Record<ViewName, string>> = {
  All: 'All',
  Axial: 'Axial',
  Coronal: 'Coronal',
  Sagittal: 'Sagittal',
  '3D': '3D',
};
const NO_SCAN = 'The selected scan is drawn here.';
const NO_WEBGL =
  'Scans cannot be drawn here: this browser has no WebGL 2. Switch graphics acceleration on in its settings, or take a current Chrome, Edge, Firefox or Safari. Segmenting and downloading work without it.';
const LOST = 'The graphics device was reset.';
const NARROW = '(max-width: 44rem)';

/** Fills an empty element with the viewer. */
export function createViewer(root: HTMLElement, options: ScanViewerOptions = {}): ScanViewer {
  return new ViewerPanel(root, options);
}

class ViewerPanel implements ScanViewer {
  private readonly options: ScanViewerOptions;
  private readonly preparation = new Preparation();
  private readonly layers = new Layers();
  private readonly crosshair = new Crosshair();
  private readonly views: Segments<ViewName>;
  private readonly window: WindowControls;
  private readonly labels: LabelControls;
  private readonly legend: ClassList;
  private readonly message = element('div', { class: 'viewer-message', role: 'status' }, NO_SCAN);
  private readonly problem = element('p', { class: 'viewer-problem', role: 'alert', hidden: true });
  private readonly host: StageHost;
  private readonly root: HTMLElement;
  /** What `show` was called with last, and what is drawn of it. */
  private wanted: ShownScan | undefined;
  private image: ScanImage | undefined;
  private drawn: Partial<Record<'image' | LayerName, Blob | undefined>> = {};
  private view: ViewName = matchMedia(NARROW).matches ? 'Axial' : 'All';
  private voxel: Triple = [0, 0, 0];
  /** Where the crosshair is when a scan is opened, as long as nobody has moved it. */
  private start: Triple = [0, 0, 0];
  private isWorking = false;
  private speak = false;

  constructor(root: HTMLElement, options: ScanViewerOptions) {
    this.root = root;
    this.options = options;
    this.host = new StageHost(this.crosshair.description.id, {
      onMove: (voxel) => this.tell(voxel),
      onLost: () => this.lose(),
      onKey: (event) => this.press(event),
    });
    this.views = new Segments('View', (name) => this.choose(name));
    this.views.offer(VIEW_TITLES);
    this.window = new WindowControls((range) => {
      this.withStage((stage) => {
        stage.window = range;
      });
    });
    this.legend = new ClassList({
      show: (value, isShown) => this.relabel(() => this.layers.setShown(value, isShown)),
      showAll: (isShown) =>
        this.relabel(() => {
          this.layers.setAllShown(isShown);
          this.legend.show(this.layers.listed);
        }),
      recolour: (value, colour) => {
        this.layers.recolour(value, colour);
        this.recolour();
      },
      find: (voxel) => this.withStage((stage) => stage.moveTo(voxel)),
    });
    this.labels = new LabelControls(
      this.legend.root,
      (layer) => void this.chooseLayer(layer),
      (style) => {
        this.withStage((stage) => {
          stage.labelStyle = style;
        });
      },
    );
    const button = (text: string, onclick: () => void) =>
      element('button', { type: 'button', class: 'small plain', onclick }, text);
    root.replaceChildren(
      layout({
        bar: [
          this.views.root,
          element(
            'div',
            { class: 'viewer-line' },
            button('Reset', () => this.reset()),
            button('Save picture', () => void this.host.savePicture(this.wanted?.name ?? 'scan')),
          ),
        ],
        main: [this.host.root, this.crosshair.root],
        side: [this.problem, this.labels.root, this.window.root, keyHelp()],
      }),
    );
    this.host.root.append(this.message);
    this.update('empty');
  }

  show(scan: ShownScan | undefined): void {
    this.wanted = scan;
    void this.work();
  }

  dispose(): void {
    this.wanted = undefined;
    this.preparation.stop();
    this.host.close();
  }

  /** Draws what is wanted, and again if something else is wanted by then. */
  private async work(): Promise<void> {
    if (this.isWorking) {
      // The scan that is being unpacked is no longer asked for.
      if (this.wanted?.image.file !== this.drawn.image) this.preparation.stop();
      return;
    }
    this.isWorking = true;
    let done: ShownScan | undefined | null = null;
    while (done !== this.wanted) {
      done = this.wanted;
      try {
        await this.draw(done);
      } catch (error) {
        if (done === this.wanted) this.fail(done, error as Error);
      }
    }
    this.isWorking = false;
  }

  private async draw(scan: ShownScan | undefined): Promise<void> {
    if (!scan) {
      this.drawn = {};
      this.image = undefined;
      this.layers.clear();
      this.update('empty');
      this.host.use((stage) => stage.clear());
      return;
    }
    if (!hasWebgl()) {
      this.say(NO_WEBGL);
      return;
    }
    if (scan.image.file !== this.drawn.image) await this.drawImage(scan);
    await this.drawLabels(scan);
  }

  private async drawImage({ name, image: { file } }: ShownScan): Promise<void> {
    this.drawn = { image: file };
    this.layers.clear();
    this.image = undefined;
    this.say(`Reading ${name} …`);
    const image = await this.preparation.ask('scan', { file });
    const stage = await this.host.start();
    stage.labelStyle = this.labels.style;
    const range = this.window.offer(image);
    this.image = image;
    await stage.open(image, name, range);
    this.start = this.voxel;
    stage.view = this.view;
    this.update('shown');
  }

  private async drawLabels(scan: ShownScan): Promise<void> {
    const { image } = this;
    if (!image) return;
    const problems: string[] =
      image.channels > 1 ? [`The first of ${image.channels} images is drawn.`] : [];
    this.layers.classNames = new Map(scan.classes.map(({ value, name }) => [value, name]));
    let isNew = false;
    for (const layer of ['prediction', 'groundTruth'] as const) {
      const wanted = scan[layer];
      if (wanted?.file === this.drawn[layer]) continue;
      isNew = true;
      this.drawn[layer] = wanted?.file;
      this.layers.put(layer, undefined);
      this.layers.put('differences', undefined);
      if (!wanted) continue;
      try {
        const { file, name } = wanted;
        const map = await this.preparation.ask('labels', { file, name, grid: image.grid });
        this.layers.put(layer, map);
        if (layer === 'prediction') this.layers.current = layer;
      } catch (error) {
        if (this.wanted === scan) problems.push((error as Error).message);
        else throw error;
      }
    }
    if (isNew) this.tellProblems(problems);
    this.relabel(() => this.update('shown'));
    if (this.voxel === this.start) this.showLargest();
    else this.tell(this.voxel);
    this.options.onColours?.(this.layers.predictionColours);
  }

  /** Moves the crosshair from where nobody put it to where there is something to see. */
  private showLargest(): void {
    const found = this.layers.listed.filter(({ middle }) => middle);
    const [largest] = found.sort((a, b) => b.voxels - a.voxels);
    if (largest) this.withStage((stage) => stage.moveTo(largest.middle!));
  }

  private async chooseLayer(layer: LayerName): Promise<void> {
    const { image, layers } = this;
    const [prediction, truth] = [layers.map('prediction'), layers.map('groundTruth')];
    if (!image) return;
    if (layer === 'differences' && !layers.map('differences') && prediction && truth) {
      const { grid } = image;
      const map = await this.preparation.ask('differences', { prediction, truth, grid });
      if (this.image !== image) return;
      layers.put('differences', map);
    }
    layers.current = layer;
    this.relabel(() => this.update('shown'));
  }

  /** Changes which labels are drawn. */
  private relabel(change: () => void): void {
    change();
    this.withStage((stage) => void stage.labels(this.layers.drawn, this.layers.rgb));
  }

  private recolour(): void {
    this.withStage((stage) => stage.colours(this.layers.rgb));
    this.options.onColours?.(this.layers.predictionColours);
  }

  private lose(): void {
    this.drawn = {};
    this.image = undefined;
    this.say(
      LOST,
      element('button', { type: 'button', onclick: () => void this.work() }, 'Draw it again'),
    );
  }

  private choose(view: ViewName): void {
    this.view = view;
    this.withStage((stage) => {
      stage.view = view;
    });
    this.update(this.image ? 'shown' : 'empty');
  }

  private reset(): void {
    const { image } = this;
    if (!image) return;
    const range = this.window.offer(image);
    this.withStage((stage) => {
      stage.window = range;
      stage.reset();
    });
  }

  private press(event: KeyboardEvent): boolean {
    this.speak = true;
    return handleKey(event, {
      view: () => this.view,
      step: (by) => this.withStage((stage) => stage.step(by)),
      turn: (azimuth, elevation) => this.withStage((stage) => stage.turn(azimuth, elevation)),
      zoom: (by) => this.withStage((stage) => stage.zoom(by)),
      choose: (view) => this.choose(view),
      reset: () => this.reset(),
      toggleOutline: () => this.labels.toggleOutline(),
      toggleLabels: () => this.labels.toggleShown(),
      nextLayer: () => {
        const { available, current } = this.layers;
        const next = available[(available.indexOf(current ?? 'prediction') + 1) % available.length];
        if (next) void this.chooseLayer(next);
      },
    });
  }

  private tell(voxel: Triple): void {
    this.voxel = voxel;
    if (this.image) this.crosshair.show(this.image, this.layers, voxel, this.speak);
    this.speak = false;
  }

  private withStage(use: (stage: Stage) => void): void {
    if (this.image) this.host.use(use);
  }

  /** Brings everything around the canvas up to date. */
  private update(state: 'empty' | 'shown'): void {
    this.root.dataset.viewer = state;
    this.views.press(this.view);
    this.labels.has3d = this.view === 'All' || this.view === '3D';
    this.labels.offer(this.layers.available, this.layers.current);
    this.legend.show(this.layers.listed);
    if (state === 'empty') {
      this.crosshair.clear();
      this.tellProblems([]);
      this.say(NO_SCAN);
      return;
    }
    this.message.hidden = true;
    const { current } = this.layers;
    this.host.label = [
      this.wanted?.name,
      this.view === 'All' ? 'three planes and 3D' : this.view,
      current && LAYER_TITLES[current],
    ]
      .filter(Boolean)
      .join(', ');
  }

  private say(text: string, ...more: readonly HTMLElement[]): void {
    this.message.hidden = false;
    this.message.replaceChildren(element('p', {}, text), ...more);
  }

  private tellProblems(problems: readonly string[]): void {
    this.problem.hidden = problems.length === 0;
    this.problem.textContent = problems.join(' ');
  }

  private fail(scan: ShownScan | undefined, error: Error): void {
    this.drawn = {};
    this.root.dataset.viewer = 'failed';
    this.say(`${scan?.name ?? 'The scan'} cannot be drawn: ${error.message}`);
  }
}

interface Parts {
  readonly bar: readonly HTMLElement[];
  readonly main: readonly HTMLElement[];
  readonly side: readonly HTMLElement[];
}

function layout({ bar, main, side }: Parts): DocumentFragment {
  const part = (name: string, content: readonly HTMLElement[]) =>
    element('div', { class: `viewer-${name}` }, ...content);
  const all = document.createDocumentFragment();
  all.append(part('bar', bar), part('body', [part('main', main), part('side', side)]));
  return all;
}
