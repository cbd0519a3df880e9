/** A browser's `navigator.gpu` for libraries that look for one: voxgrad's own Dawn and adapter. */
import { dawn, requestAdapter } from '../../src/node/dawn.ts';
import { adapterText } from '../table.ts';

/** Call before the library is imported. Returns the adapter's name. */
export async function provideWebGpu(): Promise<string> {
  const gpu = dawn();
  Object.defineProperty(globalThis, 'navigator', {
    value: { ...globalThis.navigator, userAgent: 'node', gpu },
    configurable: true,
  });
  const { vendor, architecture, device, description, isFallbackAdapter } = (await requestAdapter())
    .info;
  return adapterText({ vendor, architecture, device, description, software: isFallbackAdapter });
}

/** GPU errors of a device that a library owns, which nobody else would hear of. */
export class GpuErrors {
  private first: string | undefined;

  watch(device: GPUDevice): void {
    device.addEventListener('uncapturederror', ({ error }) => {
      this.first ??= error.message;
    });
    void device.lost.then(({ message }) => {
      this.first ??= `device lost: ${message}`;
    });
  }

  /** Throws the first error since the last call. */
  throwIfAny(): void {
    const message = this.first;
    this.first = undefined;
    if (message !== undefined) throw new Error(message);
  }
}
