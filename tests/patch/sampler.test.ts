import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/errors.ts';
import { LabelSampler } from '../../src/patch/label_sampler.ts';
import { patchConfig } from '../../src/patch/patch_config.ts';
import { samplerOf } from '../../src/patch/sampler.ts';
import { UniformSampler } from '../../src/patch/uniform_sampler.ts';

describe('samplerOf', () => {
  it('builds the sampler that the configuration names', () => {
    expect(samplerOf(patchConfig())).toBeInstanceOf(UniformSampler);
    expect(samplerOf(patchConfig({ samplerType: 'label' }))).toBeInstanceOf(LabelSampler);
    expect(samplerOf(patchConfig({ patchSize: [16, 32, 48] })).patchSize).toEqual([16, 32, 48]);
  });

  it('refuses the weighted sampler', () => {
    const build = () => samplerOf(patchConfig({ samplerType: 'weighted' }));
    expect(build).toThrow(ConfigError);
    expect(build).toThrow(/not implemented/);
  });
});
