import { describe, expect, it } from 'vitest';
import { volume } from '../../../src/index.ts';
import { differences, labelMap } from '../../../web/app/viewer/label_map.ts';
import { Layers } from '../../../web/app/viewer/layers.ts';
import { gridOf } from '../../../web/app/viewer/scan_image.ts';

const line = (values: readonly number[]) =>
  volume(
    Float32Array.from(values),
    [1, values.length, 1, 1],
    [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
  );
const map = (...values: number[]) => labelMap(line(values), gridOf(line(values)), 'labels');

function compared(): Layers {
  const layers = new Layers();
  layers.classNames = new Map([[1, 'Anterior']]);
  layers.put('groundTruth', map(0, 2, 1));
  layers.put('prediction', map(0, 1, 2));
  return layers;
}

describe('Layers', () => {
  it('offers differences once there is something to compare', () => {
    const layers = new Layers();
    expect(layers.available).toEqual([]);
    layers.put('groundTruth', map(0, 1));
    expect([layers.available, layers.current]).toEqual([['groundTruth'], 'groundTruth']);
    layers.put('prediction', map(0, 1));
    expect(layers.available).toEqual(['prediction', 'groundTruth', 'differences']);
    layers.put('groundTruth', undefined);
    expect([layers.available, layers.current]).toEqual([['prediction'], 'prediction']);
  });

  it('names classes by their values, in both maps in one colour', () => {
    const layers = compared();
    layers.current = 'prediction';
    const predicted = layers.listed;
    expect(predicted.map(({ name }) => name)).toEqual(['Anterior', 'label 2']);
    layers.current = 'groundTruth';
    expect(layers.listed.map(({ colour }) => colour)).toEqual(
      predicted.map(({ colour }) => colour),
    );
    expect(layers.nameAt('prediction', 2)).toBe('label 2');
    expect(layers.nameAt('groundTruth', 0)).toBe('background');
    expect(layers.nameAt('differences', 0)).toBe(undefined);
  });

  it('hides classes without changing the map', () => {
    const layers = compared();
    layers.current = 'prediction';
    expect(layers.drawn).toBe(layers.map('prediction')!.indices);
    layers.setShown(1, false);
    expect([...layers.drawn!]).toEqual([0, 0, 2]);
    expect([...layers.map('prediction')!.indices]).toEqual([0, 1, 2]);
    layers.setAllShown(true);
    expect([...layers.drawn!]).toEqual([0, 1, 2]);
  });

  it('takes a chosen colour for classes, and keeps those of differences', () => {
    const layers = compared();
    layers.put(
      'differences',
      differences(layers.map('prediction')!, layers.map('groundTruth')!, gridOf(line([0, 0, 0]))),
    );
    layers.current = 'prediction';
    layers.recolour(2, '#102030');
    expect(layers.rgb[1]).toEqual([16, 32, 48]);
    expect(layers.predictionColours.get(2)).toBe('#102030');
    layers.current = 'differences';
    const before = layers.rgb;
    layers.recolour(2, '#ffffff');
    expect(layers.rgb).toEqual(before);
  });
});
