import { expect, test } from 'vitest';
import type { Layer } from '../../../bench/layers.ts';
import { LAYERS, unet } from '../../../bench/peers/network.ts';

/** Channels of every value, while the names of used parameters are collected. */
function walk(): { used: string[]; channels: number } {
  const used: string[] = [];
  const convolution = (channels: number, { parameter, inChannels, outChannels }: Layer): number => {
    expect(channels, parameter).toBe(inChannels);
    used.push(`${parameter}.weight`, `${parameter}.bias`);
    return outChannels;
  };
  const channels = unet<number>(
    {
      conv: convolution,
      convTranspose: convolution,
      instanceNorm: (x, count) => {
        expect(x).toBe(count);
        return x;
      },
      prelu: (x, slope) => {
        used.push(slope);
        return x;
      },
      add: (a, b) => {
        expect(a).toBe(b);
        return a;
      },
      concat: (a, b) => a + b,
    },
    1,
  );
  return { used, channels };
}

test('the walk uses every parameter of the network once, and ends with two channels', () => {
  const { used, channels } = walk();
  expect(channels).toBe(2);
  expect(used).toHaveLength(63);
  expect(new Set(used).size).toBe(63);
  expect(used.filter((name) => name.endsWith('.adn.A.weight'))).toHaveLength(17);
  expect(LAYERS).toHaveLength(23);
});
