import { type HostOptions, hostWorker } from '../../src/browser/worker_host.ts';
import type { WorkerLike } from '../../src/browser/worker_link.ts';
import { testGpu } from './gpu.ts';

/** A worker whose two ends are in this thread: messages are cloned between them as between threads. */
export class FakeWorker extends EventTarget implements WorkerLike {
  isTerminated = false;
  private readonly port: MessagePort;
  private readonly inside: MessagePort;

  /** @param start what the worker's module does with its global scope */
  constructor(start: (scope: MessagePort) => void) {
    super();
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    this.inside = port2;
    port1.addEventListener('message', ({ data }) =>
      this.dispatchEvent(new MessageEvent('message', { data })),
    );
    port1.start();
    port2.start();
    start(port2);
  }

  postMessage(message: unknown): void {
    this.port.postMessage(message);
  }

  terminate(): void {
    this.isTerminated = true;
    this.port.close();
    this.inside.close();
  }

  /** As a browser tells of an exception that nobody caught. */
  crash(message: string): void {
    this.dispatchEvent(Object.assign(new Event('error'), { message }));
  }
}

/** A worker that runs what `voxgrad/worker` runs, by default on the tests' GPU. */
export function voxgradWorker(options: HostOptions = {}): FakeWorker {
  return new FakeWorker((scope) => hostWorker(scope, { openGpu: testGpu, ...options }));
}
