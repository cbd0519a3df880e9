import { describe, expect, test } from 'vitest';
import { analyseGrids } from '../../src/train/dataset_analysis.ts';
import { resolveRun, runSettings } from '../../src/train/run_config.ts';

const analysis = analyseGrids([{ name: 'a', size: [35, 50, 36], spacing: [1, 1, 1] }]);
const facts = { analysis, inChannels: 1, outChannels: 2 };

describe('runSettings', () => {
  test.each([
    [{ colour: 1 }, /'colour'.*Legal here: binary, patch, augmentations, network, training, split/],
    [{ network: { width: 1 } }, /in 'network'.*'width'.*channels, strides/],
    [{ training: { lr: 1 } }, /in 'training'.*learningRate/],
    [{ patch: { size: 1 } }, /'size'.*patchSize/],
    [{ training: { batchSize: 0 } }, /training\.batchSize.*Got 0/],
    [{ training: { epochs: 1, steps: 1 } }, /exclude each other/],
    [[], /object/],
  ])('refuses %j', (json, message) => {
    expect(() => runSettings(json)).toThrow(message);
  });

  test('fills in defaults', () => {
    const settings = runSettings({});
    expect(settings.network.numResUnits).toBe(2);
    expect(settings.training.batchSize).toBe(4);
    expect(settings.split.validPct).toBe(0.2);
  });
});

describe('resolveRun', () => {
  test('plans what is open, keeps what is given, and is its own fixed point', () => {
    const settings = runSettings({ patch: { samplesPerVolume: 3 }, training: { epochs: 2 } });
    const { run } = resolveRun(settings, facts);
    expect(run.patch).toMatchObject({
      patchSize: [32, 48, 32],
      targetSpacing: [1, 1, 1],
      samplesPerVolume: 3,
      normalization: [{ name: 'ZNormalization' }],
    });
    expect(run.training).toMatchObject({ epochs: 2 });
    const again = resolveRun(runSettings(JSON.parse(JSON.stringify(run))), facts);
    expect(again.run).toEqual(run);
  });

  test('a target spacing of null keeps each volume its own', () => {
    const { run } = resolveRun(runSettings({ patch: { targetSpacing: null } }), facts);
    expect(run.patch.targetSpacing).toBe(null);
  });

  test.each([
    [{ network: { kernelSize: 2 } }, /even kernel/],
    [{ patch: { samplerType: 'weighted' } }, /weighted/],
    [{ patch: { normalization: [{ name: 'RandomFlip', params: {} }] } }, /random transform/],
    [{ patch: { normalization: [{ name: 'Sharpen', params: {} }] } }, /'Sharpen'/],
    [{ augmentations: [{ name: 'RandomFlip', params: { axes: [7] } }] }, /no such axis/],
    [{ augmentations: [{ name: 'RandomBlur', params: { std: -1 } }] }, /randomBlur std/],
    [
      { augmentations: [{ name: 'RandomGamma', params: { gamma: 1 } }] },
      /no parameter 'gamma'.*logGamma/,
    ],
  ])('refuses %j, which could not be trained', (settings, message) => {
    expect(() => resolveRun(runSettings(settings), facts)).toThrow(message);
  });
});
