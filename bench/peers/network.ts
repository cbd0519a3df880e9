/**
 * The tutorial's network as a walk over any library's operations: so that all engines compute the
 * same. The convolutions and their parameters come from the benchmark's list of layers.
 */
import { type Layer, TUTORIAL, unetLayers } from '../layers.ts';

/** `T` is a library's tensor: an array, a traced value, or the name of a graph's edge. */
export interface Operations<T> {
  /** Kernel 3 with padding 1, or kernel 1 without; bias added. */
  conv(x: T, layer: Layer): T;
  /** Kernel 3, stride 2, padding 1, output padding 1: doubles the size; bias added. */
  convTranspose(x: T, layer: Layer): T;
  /** Mean 0 and biased variance 1 per channel, without parameters. */
  instanceNorm(x: T, channels: number): T;
  /** @param slope name of the parameter, [1] */
  prelu(x: T, slope: string): T;
  add(a: T, b: T): T;
  /** On the channel axis. */
  concat(a: T, b: T): T;
}

/** The layers without sizes: those are the same for every patch. */
export const LAYERS: readonly Layer[] = unetLayers([16, 16, 16]);

/** x: [1, 1, D, H, W] -> logits [1, 2, D, H, W], in the library's own layout. */
export function unet<T>(ops: Operations<T>, x: T): T {
  const byName = new Map(LAYERS.map((layer) => [layer.name, layer]));

  const conv = (name: string, input: T): T => {
    const layer = byName.get(name)!;
    return layer.op === 'conv3d' ? ops.conv(input, layer) : ops.convTranspose(input, layer);
  };

  const convNormAct = (name: string, input: T): T => {
    const { outChannels, parameter } = byName.get(name)!;
    const normed = ops.instanceNorm(conv(name, input), outChannels);
    return ops.prelu(normed, parameter.replace(/conv$/, 'adn.A.weight'));
  };

  const encode = (name: string, input: T): T => {
    const y = convNormAct(`${name}.conv1`, convNormAct(`${name}.conv0`, input));
    return ops.add(y, conv(`${name}.residual`, input));
  };

  const level = (depth: number, input: T): T => {
    if (depth + 1 === TUTORIAL.channels.length) return encode('bottom', input);
    const features = encode(`enc${depth}`, input);
    const joined = ops.concat(features, level(depth + 1, features));
    const up = convNormAct(`dec${depth}.up`, joined);
    const last = depth === 0 ? conv : convNormAct;
    return ops.add(last(`dec${depth}.conv`, up), up);
  };

  return level(0, x);
}
