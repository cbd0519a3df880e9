import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/errors.ts';
import { suggestPatchSize } from '../../src/patch/suggest_patch_size.ts';
import type { Triple } from '../../src/shape.ts';

/** A data set of which only the median size matters, and which spacing was asked for. */
function dataset(median: Triple, count = 5) {
  const asked: (Triple | undefined)[] = [];
  return {
    asked,
    applyReorder: false,
    getSuggestion: () => ({ targetSpacing: [1, 1, 3] as const }),
    getSizeStatistics: (targetSpacing?: Triple) => {
      asked.push(targetSpacing);
      return { count, median };
    },
  };
}

describe('suggestPatchSize', () => {
  test('rounds the median down to a multiple of 16, between 32 and 256', () => {
    expect(suggestPatchSize(dataset([229, 153, 239]))).toEqual([224, 144, 224]);
    expect(suggestPatchSize(dataset([276.5, 350.5, 20]))).toEqual([256, 256, 32]);
  });

  test('another divisor and other bounds', () => {
    const options = {
      divisor: 32,
      minPatchSize: [16, 16, 16],
      maxPatchSize: [96, 96, 96],
    } as const;
    expect(suggestPatchSize(dataset([81, 149, 9]), options)).toEqual([64, 96, 32]);
  });

  test('a bound wins over the divisor', () => {
    const options = { minPatchSize: [8, 40, 8], maxPatchSize: [100, 100, 100] } as const;
    expect(suggestPatchSize(dataset([300, 20, 48]), options)).toEqual([100, 40, 48]);
  });

  test('measures at the spacing given, or at the one that the data set suggests', () => {
    const sized = dataset([64, 64, 64]);
    suggestPatchSize(sized);
    suggestPatchSize(sized, { targetSpacing: [2, 2, 2] });
    expect(sized.asked).toEqual([
      [1, 1, 3],
      [2, 2, 2],
    ]);
  });

  test('warns of a single image and of images that must be padded, and of nothing else', () => {
    const warningsOf = (median: Triple, count: number): string[] => {
      const warnings: string[] = [];
      suggestPatchSize(dataset(median, count), { onWarning: (line) => warnings.push(line) });
      return warnings;
    };
    expect(warningsOf([64, 64, 64], 2)).toEqual([]);
    expect(warningsOf([64, 64, 64], 1)).toEqual([expect.stringContaining('single image')]);
    expect(warningsOf([64, 64, 20], 2)).toEqual([expect.stringContaining('padded')]);
  });

  test.each([
    { divisor: 0 },
    { divisor: 1.5 },
    { minPatchSize: [32, 32, 64] as const, maxPatchSize: [32, 32, 32] as const },
    { minPatchSize: [0, 32, 32] as const },
    { maxPatchSize: [64.5, 64, 64] as const },
  ])('refuses %o', (options) => {
    expect(() => suggestPatchSize(dataset([64, 64, 64]), options)).toThrow(ConfigError);
  });
});
