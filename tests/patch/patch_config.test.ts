import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/errors.ts';
import { PatchConfig, patchConfig, withPatchSize } from '../../src/patch/patch_config.ts';

describe('patchConfig', () => {
  it('has the defaults of fastMONAI', () => {
    expect(patchConfig()).toEqual({
      patchSize: [96, 96, 96],
      patchOverlap: 0,
      samplesPerVolume: 8,
      samplerType: 'uniform',
      labelProbabilities: null,
      queueLength: 300,
      queueNumWorkers: 4,
      aggregationMode: 'hann',
      applyReorder: true,
      targetSpacing: null,
      preprocessed: false,
      paddingMode: 0,
      keepLargestComponent: false,
      binaryThreshold: 0.5,
      normalization: null,
    });
  });

  it('takes the settings of the tutorial, and survives JSON', () => {
    const config = patchConfig({
      patchSize: [128, 128, 64],
      patchOverlap: 0.5,
      samplerType: 'label',
      labelProbabilities: { 0: 0.2, 1: 0.8 },
      targetSpacing: [1.25, 1.25, 1.37],
      keepLargestComponent: true,
      normalization: [{ name: 'ZNormalization', params: { maskingMethod: null } }],
    });
    expect(patchConfig(JSON.parse(JSON.stringify(config)))).toEqual(config);
  });

  it('names an unknown setting and the legal ones', () => {
    expect(() => patchConfig({ patch_size: [32, 32, 32] })).toThrow(
      /'patch_size'.*patchSize, patchOverlap/,
    );
  });

  it.each([
    ['patchSize', [32, 32]],
    ['patchSize', [32, 32, 0]],
    ['patchSize', [32, 32, 1.5]],
    ['samplesPerVolume', 0],
    ['samplerType', 'grid'],
    ['aggregationMode', 'mean'],
    ['binaryThreshold', 1.1],
    ['binaryThreshold', -0.1],
    ['paddingMode', 'zero'],
    ['targetSpacing', [1, 1, 0]],
    ['labelProbabilities', { heart: 1 }],
    ['labelProbabilities', { 1: -1 }],
    ['labelProbabilities', { 0: 0, 1: 0 }],
    ['patchOverlap', -0.1],
    ['patchOverlap', 96],
    ['patchOverlap', [0, 96, 0]],
    ['patchOverlap', [0, -2, 0]],
    ['patchOverlap', [0.5, 0.5, 0.5]],
    ['applyReorder', 'yes'],
    ['normalization', [{ name: 'ZNormalization' }]],
  ])('refuses %s %j and says which setting it is', (name, value) => {
    const run = () => patchConfig({ [name]: value });
    expect(run).toThrow(ConfigError);
    expect(run).toThrow(name);
  });

  it('accepts the weighted sampler, which only its building refuses', () => {
    expect(patchConfig({ samplerType: 'weighted' }).samplerType).toBe('weighted');
  });

  it('warns of patch sizes that four strided levels cannot halve', () => {
    const warnings: string[] = [];
    patchConfig({ patchSize: [96, 90, 96] }, (message) => warnings.push(message));
    patchConfig({ patchSize: [96, 80, 96] }, (message) => warnings.push(message));
    expect(warnings).toEqual([expect.stringMatching(/\[96,90,96\].*16/)]);
  });
});

describe('PatchConfig.fromDataset', () => {
  const dataset = {
    applyReorder: false,
    getSuggestion: () => ({ targetSpacing: [1.25, 1.25, 1.37] as const }),
    getSizeStatistics: () => ({ count: 9, median: [229, 153, 40] as const }),
  };

  it('takes spacing, patch size and reordering from the data set, the rest from the defaults', () => {
    expect(PatchConfig.fromDataset(dataset)).toEqual(
      patchConfig({
        patchSize: [224, 144, 32],
        targetSpacing: [1.25, 1.25, 1.37],
        applyReorder: false,
      }),
    );
  });

  it('lets what is given win, and passes bounds on', () => {
    const config = PatchConfig.fromDataset(dataset, {
      maxPatchSize: [128, 128, 64],
      divisor: 8,
      applyReorder: true,
      samplesPerVolume: 16,
      targetSpacing: [1, 1, 1],
    });
    expect(config.patchSize).toEqual([128, 128, 40]);
    expect(config.applyReorder).toBe(true);
    expect(config.samplesPerVolume).toBe(16);
    expect(config.targetSpacing).toEqual([1, 1, 1]);
    expect(PatchConfig.fromDataset(dataset, { patchSize: [48, 48, 48] }).patchSize).toEqual([
      48, 48, 48,
    ]);
  });

  it('passes on what is probably not meant', () => {
    const warnings: string[] = [];
    PatchConfig.fromDataset(dataset, { divisor: 20 }, (line) => warnings.push(line));
    expect(warnings).toEqual([expect.stringContaining('not divisible by 16')]);
  });
});

describe('withPatchSize', () => {
  it('changes the patch and its overlap in voxels, and nothing else', () => {
    const config = patchConfig({
      patchSize: [32, 32, 16],
      patchOverlap: 8,
      targetSpacing: [1, 1, 2],
    });
    const smaller = withPatchSize(config, [16, 32, 16]);
    expect(smaller).toEqual({ ...config, patchSize: [16, 32, 16], patchOverlap: [4, 8, 8] });
    expect(withPatchSize(config, config.patchSize)).toEqual({ ...config, patchOverlap: [8, 8, 8] });
  });

  it('refuses what is no patch size', () => {
    expect(() => withPatchSize(patchConfig(), [0, 16, 16])).toThrow(ConfigError);
  });
});
