import { hannWindow } from '../../../src/patch/hann_window.ts';
import type { GoldenHandler } from '../case.ts';

export const handler: GoldenHandler = (c) => ({
  window: { data: hannWindow(c.params.patch_size) },
});
