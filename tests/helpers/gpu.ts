import type { Gpu } from '../../src/gpu/device.ts';
import { openGpu } from '../../src/node/dawn.ts';

let shared: Promise<Gpu> | undefined;

/** One device for all test files of the process. A machine without an adapter fails here. */
export function testGpu(): Promise<Gpu> {
  shared ??= openGpu();
  return shared;
}
