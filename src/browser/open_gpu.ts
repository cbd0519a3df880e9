/** The GPU of the page or worker that this runs in. */
import { GpuError } from '../errors.ts';
import { Gpu, type GpuOptions } from '../gpu/device.ts';

export interface OpenGpuOptions extends GpuOptions {
  /** Default: `navigator.gpu`. */
  readonly webgpu?: GPU | undefined;
}

/** What people can do about a browser without WebGPU; no version numbers that age. */
const ADVICE =
  'Use a current Chrome or Edge (on Linux switch on chrome://flags/#enable-unsafe-webgpu and #enable-vulkan), Safari 26 or Firefox 141 and newer, and see that hardware acceleration is on';

/**
 * A device of its own on the browser's adapter, with all that the adapter offers. `voxgrad/node` has a
 * function of the same name that opens Dawn's.
 *
 * @throws GpuError in words for the person in front of the page: no WebGPU, an insecure page, no
 *   adapter, a device that the browser refuses
 */
export async function openGpu(options: OpenGpuOptions = {}): Promise<Gpu> {
  const { webgpu = globalThis.navigator?.gpu as GPU | undefined, ...rest } = options;
  if (!webgpu) {
    const isInsecure = globalThis.isSecureContext === false;
    throw new GpuError(
      isInsecure
        ? 'openGpu: WebGPU works on secure pages only. This page came over plain http. Open it by https, or from localhost.'
        : `openGpu: this browser has no WebGPU. navigator.gpu is missing. ${ADVICE}.`,
    );
  }
  const adapter = await webgpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) {
    throw new GpuError(
      `openGpu: the browser has WebGPU and offers no adapter. The graphics card or its driver is not supported, or its use is switched off. ${ADVICE}.`,
    );
  }
  try {
    return await Gpu.create(adapter, rest);
  } catch (error) {
    throw new GpuError(
      `openGpu: the browser does not open the adapter. ${(error as Error).message}. Close other pages that use the GPU, and load this one again.`,
      { cause: error },
    );
  }
}
