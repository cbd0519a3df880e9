/**
 * A GPU without a GPU: tensors have sizes but no content, kernels do not run. Its pool counts bytes
 * as that of a real one, so what a computation will take is known before it starts.
 */
import { GpuError } from '../errors.ts';
import { Gpu, type Readback } from './device.ts';
import { checkBuffers, type DispatchArguments } from './dispatch.ts';
import { type PipelineRequest, pipelineRequest } from './pipeline_cache.ts';
import type { ScalarType, Shader } from './shader.ts';

/** What kernels may ask an adapter for. */
export type DryGpuAdapter = Pick<Gpu, 'info'> &
  Partial<Pick<Gpu, 'choices'>> & { readonly device: Pick<GPUDevice, 'limits' | 'features'> };

/**
 * The standard's guaranteed limits, except that of a binding: that is the pool's own. Half precision
 * is not guaranteed, but what it would take can be planned.
 */
const ANY_ADAPTER: DryGpuAdapter = {
  info: { vendor: '', architecture: '', device: '', description: '' } as GPUAdapterInfo,
  device: {
    features: new Set(['shader-f16']) as GPUSupportedFeatures,
    limits: {
      maxStorageBufferBindingSize: 2 ** 31 - 4,
      maxBufferSize: 2 ** 31 - 4,
      maxStorageBuffersPerShaderStage: 8,
      maxComputeWorkgroupsPerDimension: 65535,
      maxComputeWorkgroupStorageSize: 16384,
      maxComputeInvocationsPerWorkgroup: 256,
      maxComputeWorkgroupSizeX: 256,
      maxComputeWorkgroupSizeY: 256,
      maxComputeWorkgroupSizeZ: 64,
    } as GPUSupportedLimits,
  },
};

export class DryGpu extends Gpu {
  private readonly requested = new Map<string, PipelineRequest>();

  /** @param like whose limits, features and choices decide between kernels. Default: what every adapter has */
  constructor(like: DryGpuAdapter = ANY_ADAPTER) {
    const device = {
      limits: like.device.limits,
      features: like.device.features,
      lost: new Promise(() => undefined),
      createBuffer: ({ size }: GPUBufferDescriptor) => ({ size, destroy: () => undefined }),
    };
    super(device as unknown as GPUDevice, like.info);
    if (like.choices) this.choices.use(like.choices.chosen);
  }

  override write(): void {}

  override dispatch<S extends Shader>(shader: S, args: DispatchArguments<S>): void {
    const request = pipelineRequest(shader, args, checkBuffers(shader, args.buffers));
    this.requested.set(request.key, request);
  }

  /** The kernels that were dispatched so far, for `Gpu.prepare` of a GPU like this one. */
  get kernels(): Iterable<PipelineRequest> {
    return this.requested.values();
  }

  override async prepare(): Promise<void> {}

  override flush(): void {}

  override async sync(): Promise<void> {}

  /** @throws GpuError always: there is nothing to read */
  override async read<T extends ScalarType = 'f32'>(): Promise<Readback<T>> {
    throw new GpuError(
      'DryGpu.read: tensors have no content here. Nothing was computed. Open a real device.',
    );
  }

  override destroy(): void {}
}
