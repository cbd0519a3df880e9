/** `voxgrad/worker`: the module of a web worker for `VoxgradWorker`. Importing it is all there is to do. */
import { type HostPort, hostWorker } from './browser/worker_host.ts';

hostWorker(globalThis as unknown as HostPort);
