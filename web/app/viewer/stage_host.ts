/** The canvas on the page and what draws on it: loaded with the first scan, made again after a loss. */
import { element } from '../../common/element.ts';
import type { Triple } from './scan_image.ts';
import type { Stage } from './stage.ts';

export interface StageEvents {
  readonly onMove: (voxel: Triple) => void;
  /** The graphics device was reset: all that was drawn is gone. */
  readonly onLost: () => void;
  /** A key went down while the canvas has the focus; whether it meant something. */
  readonly onKey: (event: KeyboardEvent) => boolean;
}

let canDraw: boolean | undefined;

/** Whether this browser can draw scans; it is asked once, since asking takes a graphics context. */
export function hasWebgl(): boolean {
  if (canDraw === undefined) {
    const context = document.createElement('canvas').getContext('webgl2');
    canDraw = context !== null;
    context?.getExtension('WEBGL_lose_context')?.loseContext();
  }
  return canDraw;
}

export class StageHost {
  readonly root = element('div', { class: 'viewer-stage' });
  private readonly events: StageEvents;
  private readonly descriptionId: string;
  private canvas: HTMLCanvasElement | undefined;
  private stage: Promise<Stage> | undefined;

  /** @param descriptionId of the element that tells what the canvas shows */
  constructor(descriptionId: string, events: StageEvents) {
    this.descriptionId = descriptionId;
    this.events = events;
    this.root.addEventListener('keydown', (event) => this.press(event), { capture: true });
    // NiiVue has keys of its own, which no text here tells of.
    this.root.addEventListener('keyup', (event) => event.stopPropagation(), { capture: true });
  }

  start(): Promise<Stage> {
    this.stage ??= this.attach();
    return this.stage;
  }

  /** Does something with what has been started. */
  use(task: (stage: Stage) => void): void {
    void this.stage?.then(task, () => {});
  }

  set label(text: string) {
    this.canvas?.setAttribute('aria-label', text);
  }

  /** Downloads what is seen as `name`.png. */
  async savePicture(name: string): Promise<void> {
    const picture = await (await this.stage)?.picture();
    if (!picture) return;
    const address = URL.createObjectURL(picture);
    element('a', { href: address, download: `${name}.png` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  }

  close(): void {
    const { canvas, stage } = this;
    this.canvas = undefined;
    this.stage = undefined;
    void stage?.then(
      (open) => open.close(),
      () => {},
    );
    canvas?.remove();
  }

  private async attach(): Promise<Stage> {
    const { Stage } = await import('./stage.ts');
    const canvas = element('canvas', {
      tabindex: 0,
      role: 'img',
      'aria-label': 'A scan that is being opened',
      'aria-describedby': this.descriptionId,
    });
    this.canvas = canvas;
    this.root.prepend(canvas);
    canvas.addEventListener('webglcontextlost', () => {
      if (canvas !== this.canvas) return;
      this.close();
      this.events.onLost();
    });
    return Stage.attach(canvas, this.events.onMove);
  }

  private press(event: KeyboardEvent): void {
    if (event.target !== this.canvas || event.ctrlKey || event.metaKey || event.altKey) return;
    if (this.events.onKey(event)) event.preventDefault();
    if (event.key !== 'Tab') event.stopPropagation();
  }
}
