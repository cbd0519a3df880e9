/** What `src/node/dawn.ts` offers, from the browser that runs the tests: tests/vitest.browser.config.ts swaps them. */
import { GpuError } from '../../src/errors.ts';

export { openGpu } from '../../src/browser/open_gpu.ts';

/** @throws GpuError where the browser has no adapter */
export async function requestAdapter(): Promise<GPUAdapter> {
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new GpuError('requestAdapter: this browser has no WebGPU adapter.');
  return adapter;
}
