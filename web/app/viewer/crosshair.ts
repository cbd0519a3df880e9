/** What is under the crosshair, for eyes and for screen readers. */
import { element } from '../../common/element.ts';
import { LAYER_TITLES, type Layers } from './layers.ts';
import { fileIndex, millimetres, type ScanImage, type Triple } from './scan_image.ts';

/** Screen readers hear of a place where the crosshair rests. */
const REST_MS = 600;

export class Crosshair {
  readonly readout = element('p', { class: 'viewer-readout', 'data-testid': 'crosshair' });
  /** Text that describes the canvas. */
  readonly description = element('p', { class: 'hidden', id: 'viewer-description' });
  private readonly spoken = element('p', { class: 'hidden', 'aria-live': 'polite' });
  readonly root = element('div', {}, this.readout, this.description, this.spoken);
  private resting: ReturnType<typeof setTimeout> | undefined;

  clear(): void {
    clearTimeout(this.resting);
    for (const text of [this.readout, this.description, this.spoken]) text.replaceChildren();
  }

  /** @param speak says it to a screen reader as well */
  show(image: ScanImage, layers: Layers, voxel: Triple, speak: boolean): void {
    const { grid, data } = image;
    const [i, j, k] = voxel.map((index, axis) =>
      Math.min(grid.dims[axis]! - 1, Math.max(0, Math.round(index))),
    ) as [number, number, number];
    const at = i + grid.dims[0] * (j + grid.dims[1] * k);
    const place = millimetres(grid, [i, j, k])
      .map((value) => value.toFixed(1))
      .join(', ');
    const index = fileIndex(grid, [i, j, k]).join(', ');
    const value = String(Number((data[at] ?? 0).toPrecision(7)));
    const labels = (['prediction', 'groundTruth'] as const).flatMap((layer) => {
      const name = layers.nameAt(layer, at);
      return name === undefined ? [] : [[LAYER_TITLES[layer], name] as const];
    });
    const facts = [['mm', place], ['voxel', index], ['value', value], ...labels] as const;
    this.readout.replaceChildren(
      ...facts.map(([name, text]) =>
        element('span', {}, element('span', { class: 'quiet' }, name), ` ${text}`),
      ),
    );
    const sentence = `Crosshair at ${place} millimetres (right, front, up), voxel ${index}. Value ${value}.${labels.map(([name, text]) => ` ${name}: ${text}.`).join('')}`;
    this.description.textContent = sentence;
    clearTimeout(this.resting);
    if (!speak) return;
    this.resting = setTimeout(() => {
      this.spoken.textContent = sentence;
    }, REST_MS);
  }
}
