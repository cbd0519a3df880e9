/** The label maps of a scan: which one is drawn, in which colours, and which of its classes. */
import { classColour, DIFFERENCE_COLOURS } from '../../common/class_colours.ts';
import { channels } from '../../common/palette.ts';
import type { ListedClass } from './class_list.ts';
import { DIFFERENCE, type LabelMap } from './label_map.ts';

export const LAYERS = ['prediction', 'groundTruth', 'differences'] as const;
export type LayerName = (typeof LAYERS)[number];

export const LAYER_TITLES: Readonly<Record<LayerName, string>> = {
  prediction: 'Prediction',
  groundTruth: 'Ground truth',
  differences: 'Differences',
};

const DIFFERENCE_NAMES: Readonly<Record<number, string>> = {
  [DIFFERENCE.same]: 'same in both',
  [DIFFERENCE.added]: 'only predicted',
  [DIFFERENCE.missed]: 'missed',
  [DIFFERENCE.exchanged]: 'another class',
};

export class Layers {
  current: LayerName | undefined;
  private maps = new Map<LayerName, LabelMap>();
  private names: ReadonlyMap<number, string> = new Map();
  private readonly chosen = new Map<number, string>();
  /** Values that are not drawn; those of differences apart. */
  private readonly hidden = { classes: new Set<number>(), differences: new Set<number>() };

  /** Another scan: no maps; colours and hidden classes stay, so that scans can be compared. */
  clear(): void {
    this.maps = new Map();
    this.current = undefined;
  }

  set classNames(names: ReadonlyMap<number, string>) {
    this.names = names;
  }

  map(layer: LayerName): LabelMap | undefined {
    return this.maps.get(layer);
  }

  put(layer: LayerName, map: LabelMap | undefined): void {
    if (map) this.maps.set(layer, map);
    else this.maps.delete(layer);
    if (this.current !== undefined && !this.maps.has(this.current)) this.current = undefined;
    this.current ??= LAYERS.find((name) => this.maps.has(name));
  }

  /** What can be chosen, differences once there is something to compare. */
  get available(): LayerName[] {
    const canCompare = this.maps.has('prediction') && this.maps.has('groundTruth');
    return LAYERS.filter((name) => (name === 'differences' ? canCompare : this.maps.has(name)));
  }

  name(layer: LayerName, value: number): string {
    if (layer === 'differences') return DIFFERENCE_NAMES[value] ?? '';
    return this.names.get(value) ?? `label ${value}`;
  }

  /** Name of the class at a voxel of the drawn array; undefined without such a map. */
  nameAt(layer: LayerName, voxel: number): string | undefined {
    const map = this.maps.get(layer);
    const index = map?.indices[voxel];
    if (!map || index === undefined) return undefined;
    return index === 0 ? 'background' : this.name(layer, map.classes[index - 1]!.value);
  }

  /** The classes of the layer that is drawn. */
  get listed(): ListedClass[] {
    const { current } = this;
    const map = current && this.maps.get(current);
    if (!map || !current) return [];
    const hidden = this.hiddenOf(current);
    return map.classes.map((item) => ({
      ...item,
      name: this.name(current, item.value),
      colour: this.colour(current, item.value),
      isShown: !hidden.has(item.value),
    }));
  }

  /** Colours of the prediction's classes by label value. */
  get predictionColours(): Map<number, string> {
    const classes = this.maps.get('prediction')?.classes ?? [];
    return new Map(classes.map(({ value }) => [value, this.colour('prediction', value)]));
  }

  recolour(value: number, colour: string): void {
    if (this.current === 'differences') return;
    this.chosen.set(value, colour);
  }

  setShown(value: number, isShown: boolean): void {
    if (!this.current) return;
    if (isShown) this.hiddenOf(this.current).delete(value);
    else this.hiddenOf(this.current).add(value);
  }

  setAllShown(isShown: boolean): void {
    for (const { value } of this.listed) this.setShown(value, isShown);
  }

  /** Numbers of the classes to draw, voxel by voxel; undefined for none. */
  get drawn(): Uint8Array | undefined {
    const map = this.current && this.maps.get(this.current);
    if (!map) return undefined;
    const kept = Uint8Array.from([
      0,
      ...this.listed.map(({ isShown }, n) => (isShown ? n + 1 : 0)),
    ]);
    if (kept.every((index, n) => index === n)) return map.indices;
    return map.indices.map((index) => kept[index]!);
  }

  get rgb(): [number, number, number][] {
    return this.listed.map(({ colour }) => channels(colour));
  }

  private hiddenOf(layer: LayerName): Set<number> {
    return layer === 'differences' ? this.hidden.differences : this.hidden.classes;
  }

  private colour(layer: LayerName, value: number): string {
    if (layer === 'differences') return DIFFERENCE_COLOURS[value - 1] ?? DIFFERENCE_COLOURS[0];
    return this.chosen.get(value) ?? classColour(value - 1);
  }
}
