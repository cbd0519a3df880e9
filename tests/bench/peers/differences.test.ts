import { describe, expect, test } from 'vitest';
import {
  differenceOf,
  GRADIENT_TOLERANCE,
  LOGIT_TOLERANCE,
} from '../../../bench/peers/differences.ts';
import type { NamedTensor, Tensors } from '../../../bench/peers/tensor_file.ts';

const tensors = (values: Record<string, readonly number[]>): Tensors =>
  new Map(
    Object.entries(values).map(([name, data]): [string, NamedTensor] => [
      name,
      { shape: [data.length], data: Float32Array.from(data) },
    ]),
  );

describe('differenceOf', () => {
  test('measures an error by the largest expected value of its tensor', () => {
    const found = differenceOf(tensors({ logits: [1, -4.5] }), tensors({ logits: [1, -4] }));
    expect(found).toEqual({ worst: 'logits', error: 0.125, wrong: ['logits'], tensors: 1 });
  });

  test('is content up to the tolerance of logits, and of gradients', () => {
    const within = (name: string, error: number): boolean =>
      differenceOf(tensors({ [name]: [1 + error] }), tensors({ [name]: [1] })).wrong.length === 0;
    expect(within('logits', 0.9 * LOGIT_TOLERANCE)).toBe(true);
    expect(within('logits', 1.1 * LOGIT_TOLERANCE)).toBe(false);
    expect(within('a.weight', 0.9 * GRADIENT_TOLERANCE)).toBe(true);
    expect(within('a.weight', 1.1 * GRADIENT_TOLERANCE)).toBe(false);
  });

  test('NaN, missing tensors and other lengths are wrong', () => {
    const expected = tensors({ loss: [1], 'a.weight': [1, 2], 'b.weight': [1] });
    const actual = tensors({ loss: [Number.NaN], 'a.weight': [1] });
    const { wrong, worst, error } = differenceOf(actual, expected);
    expect(wrong).toEqual(['loss', 'a.weight', 'b.weight']);
    expect(worst).toBe('loss');
    expect(error).toBeNaN();
  });

  test('the noise in the gradient of a bias before a norm counts by its weight', () => {
    const expected = tensors({ 'a.weight': [10], 'a.bias': [1e-6] });
    expect(differenceOf(tensors({ 'a.weight': [10], 'a.bias': [-1e-6] }), expected).wrong).toEqual(
      [],
    );
    expect(differenceOf(tensors({ 'a.weight': [10], 'a.bias': [1] }), expected).wrong).toEqual([
      'a.bias',
    ]);
  });

  test('the worst tensor is the one furthest beyond its own tolerance', () => {
    const expected = tensors({ loss: [1], 'a.weight': [1] });
    const actual = tensors({ loss: [1.002], 'a.weight': [1.004] });
    expect(differenceOf(actual, expected).worst).toBe('loss');
  });
});
