/** Which ops are measured, and on which layers. */
import { ConfigError } from '../src/errors.ts';
import type { Triple } from '../src/shape.ts';
import type { BenchCase } from './case.ts';
import { adamCases } from './kernels/adam.bench.ts';
import { addCases } from './kernels/add.bench.ts';
import { castCases } from './kernels/cast.bench.ts';
import { concatCases } from './kernels/concat.bench.ts';
import { convTranspose3dCases } from './kernels/conv_transpose3d.bench.ts';
import { conv3dCases } from './kernels/conv3d.bench.ts';
import { diceCeCases } from './kernels/dice_ce.bench.ts';
import { instanceNormCases } from './kernels/instance_norm.bench.ts';
import { instanceNormPreluCases } from './kernels/instance_norm_prelu.bench.ts';
import { preluCases } from './kernels/prelu.bench.ts';
import { TUTORIAL, unetLayers } from './layers.ts';

/** Every op, pass and distinct layer of the tutorial's network on one patch. */
export function casesOf(patch: Triple, batch = 1): BenchCase[] {
  const layers = unetLayers(patch);
  return [
    ...conv3dCases(layers, batch),
    ...convTranspose3dCases(layers, batch),
    ...instanceNormPreluCases(layers, batch),
    ...instanceNormCases(layers, batch),
    ...preluCases(layers, batch),
    ...addCases(layers, batch),
    ...concatCases(layers, batch),
    ...castCases(patch, TUTORIAL.outChannels, batch),
    ...diceCeCases(patch, TUTORIAL.outChannels, batch),
    ...adamCases(layers),
  ];
}

const CUBE: Triple = [128, 128, 128];
const CUBIC_LAYERS = [
  'enc0.conv1',
  'enc1.conv0',
  'enc1.conv1',
  'enc2.conv1',
  'enc3.conv1',
  'dec1.up',
];

/** Convolutions on cubes of 64, 32, 16 and 8 voxels: sizes at which other libraries are measured. */
export function cubicCases(): BenchCase[] {
  const layers = unetLayers(CUBE).filter(({ name }) => CUBIC_LAYERS.includes(name));
  return [...conv3dCases(layers, 1), ...convTranspose3dCases(layers, 1)];
}

const startsWith = (text: string, word: string): boolean =>
  text === word || text.startsWith(`${word}.`);

/**
 * The cases that `words` name: ops, passes and layers. Several of a kind mean either, different
 * kinds narrow each other: `conv3d enc0 enc1 forward`.
 *
 * @throws ConfigError for a word that names nothing
 */
export function selectCases(cases: readonly BenchCase[], words: readonly string[]): BenchCase[] {
  const kinds: Record<'op' | 'pass' | 'layer', string[]> = { op: [], pass: [], layer: [] };
  for (const word of words) {
    const kind = (['op', 'pass', 'layer'] as const).find((key) =>
      cases.some((bench) => startsWith(bench[key], word)),
    );
    if (!kind) {
      const ops = [...new Set(cases.map(({ op }) => op))].join(', ');
      throw new ConfigError(
        `selectCases: nothing has this name. Got '${word}'. Use an op (${ops}), a pass (forward, backward_input, backward_weight, backward) or a layer (enc0 ... dec0.up).`,
      );
    }
    kinds[kind].push(word);
  }
  const fits = (text: string, wanted: readonly string[]): boolean =>
    wanted.length === 0 || wanted.some((word) => startsWith(text, word));
  return cases.filter(
    ({ op, pass, layer }) =>
      fits(op, kinds.op) && fits(pass, kinds.pass) && fits(layer, kinds.layer),
  );
}
