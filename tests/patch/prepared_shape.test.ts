import { expect, test } from 'vitest';
import { fromSpacing } from '../../src/io/affine.ts';
import { toOrientation } from '../../src/io/orientation.ts';
import { spatialShape, volume } from '../../src/io/volume.ts';
import { patchConfig } from '../../src/patch/patch_config.ts';
import { preparedShape } from '../../src/patch/prepared_shape.ts';
import { preprocess, preprocessingOf } from '../../src/patch/preprocessing.ts';

const scan = (code: string) => {
  const shape = [1, 11, 9, 20];
  const image = volume(new Float32Array(11 * 9 * 20), shape, fromSpacing([1.3, 0.9, 0.8]));
  return toOrientation(image, code);
};

test.each([
  ['RAS', {}],
  ['PIL', {}],
  ['PIL', { applyReorder: false }],
  ['SAL', { targetSpacing: [1, 1, 1] as const }],
  ['LPS', { targetSpacing: [1.3, 0.9, 0.80001] as const, patchSize: [16, 16, 16] as const }],
  ['ASR', { targetSpacing: [2, 2, 2] as const, applyReorder: false }],
])('of a scan in %s with %j is what preprocess makes of it', (code, settings) => {
  const preprocessing = preprocessingOf(patchConfig({ patchSize: [4, 4, 4], ...settings }));
  const image = scan(code);
  const { subject } = preprocess({ name: 'scan', image }, preprocessing);
  const grid = { shape: spatialShape(image), affine: image.affine };
  expect(preparedShape(grid, preprocessing)).toEqual(spatialShape(subject.image));
});

test('is not known where a transform changes the size', () => {
  const normalization = [{ name: 'Pad', params: { padding: 1 } }];
  const image = scan('RAS');
  const grid = { shape: spatialShape(image), affine: image.affine };
  expect(preparedShape(grid, preprocessingOf(patchConfig({ normalization })))).toBeUndefined();
});
