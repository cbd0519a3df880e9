import { importanceMap } from '../../../src/patch/importance_map.ts';
import type { GoldenHandler } from '../case.ts';

export const handler: GoldenHandler = (c) => {
  const { patch_size, mode, sigma_scale } = c.params;
  return { map: { data: importanceMap(patch_size, { mode, sigmaScale: sigma_scale }) } };
};
