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
  test('measures the worst logit by the largest', () => {
    const found = differenceOf(tensors({ logits: [1.5, -4.5] }), tensors({ logits: [1, -4] }));
    expect(found).toEqual({ worst: 'logits', error: 0.125, wrong: ['logits'], tensors: 1 });
  });

  test('measures a gradient by its norm', () => {
    const found = differenceOf(tensors({ 'a.weight': [3, 5] }), tensors({ 'a.weight': [3, 4] }));
    expect(found).toEqual({ worst: 'a.weight', error: 0.2, wrong: ['a.weight'], tensors: 1 });
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
    expect(differenceOf(tensors({ 'a.weight': [10], 'a.bias': [2] }), expected).wrong).toEqual([
      'a.bias',
    ]);
  });

  test('a slope whose gradient cancels counts by the typical slope', () => {
    const slopes = { 'a.weight': [1e-6], 'b.weight': [0.1], 'c.weight': [0.2] };
    const given = (value: number) => tensors({ ...slopes, 'a.weight': [value] });
    expect(differenceOf(given(1e-4), tensors(slopes)).wrong).toEqual([]);
    expect(differenceOf(given(0.05), tensors(slopes)).wrong).toEqual(['a.weight']);
  });

  test('the worst tensor is the one furthest beyond its own tolerance', () => {
    const expected = tensors({ loss: [1], 'a.weight': [1] });
    const actual = tensors({ loss: [1.002], 'a.weight': [1.05] });
    expect(differenceOf(actual, expected).worst).toBe('loss');
  });
});
