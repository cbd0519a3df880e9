/** `voxgrad/worker`: the module of a web worker for `VoxgradWorker`. Importing it is all there is to do. */
import { hostWorker } from './browser/worker_host.ts';

hostWorker();
