/** The worker in which everything heavy is done. */
import { VoxgradWorker } from '../../src/index.ts';

export type Engine = VoxgradWorker;

/** @throws GpuError in plain words where there is no WebGPU */
export const openEngine = (): Promise<Engine> =>
  VoxgradWorker.open(
    new Worker(new URL('../../src/worker.ts', import.meta.url), { type: 'module' }),
  );
