/** Dawn on Node: the only file that imports npm `webgpu`. */
import { create, globals } from 'webgpu';
import { GpuError } from '../errors.ts';
import { Gpu } from '../gpu/device.ts';

// If Dawn's instance is collected while a promise is pending, Node crashes: it stays on globalThis.
const holder = globalThis as typeof globalThis & { voxgradDawn?: ReturnType<typeof create> };

/** Dawn's `navigator.gpu`, created once per process. */
export function dawn(): GPU {
  if (!holder.voxgradDawn) {
    Object.assign(globalThis, globals);
    // Rounding to 0.07 ms keeps web pages from spying; here timestamps measure kernels.
    holder.voxgradDawn = create(['disable-dawn-features=timestamp_quantization']);
  }
  return holder.voxgradDawn;
}

/** The adapter with the best performance; throws GpuError where there is none. */
export async function requestAdapter(): Promise<GPUAdapter> {
  const adapter = await dawn().requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) {
    throw new GpuError(
      'requestAdapter: no WebGPU adapter. Dawn found no usable driver on this machine. Run ./setup, or install a Vulkan driver (Linux without a GPU: mesa-vulkan-drivers 24 or newer).',
    );
  }
  return adapter;
}

/** A device of its own on the machine's adapter, with all that the adapter offers. */
export async function openGpu(): Promise<Gpu> {
  return Gpu.create(await requestAdapter());
}
