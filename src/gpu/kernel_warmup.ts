/**
 * Runs pipelines on nothing. Some drivers compile a second time at the first dispatch; a dispatch of
 * no workgroups is enough for that, computes nothing, and takes no tensors.
 */
import { bindGroupEntries } from './bind_group_cache.ts';
import type { Pipeline, PipelineRequest } from './pipeline_cache.ts';

/** Bytes of what is bound; larger than any block of parameters. */
const BOUND_BYTES = 1024;

export class KernelWarmup {
  private readonly device: GPUDevice;
  private readonly uniform: GPUBuffer;
  /** A grid of no workgroups; written here, it would be warned of. */
  private readonly grid: GPUBuffer;
  /** One per binding: no two bindings may write to the same. */
  private readonly storage: GPUBuffer[] = [];

  constructor(device: GPUDevice) {
    this.device = device;
    this.uniform = device.createBuffer({ size: BOUND_BYTES, usage: GPUBufferUsage.UNIFORM });
    this.grid = device.createBuffer({ size: 12, usage: GPUBufferUsage.INDIRECT });
  }

  /** Resolves when the driver is done with the kernel. */
  async run({ shader }: PipelineRequest, { compute, layout }: Pipeline): Promise<void> {
    const { device } = this;
    const buffers = Object.values(shader.buffers).map(({ binding }, index) => {
      this.storage[index] ??= device.createBuffer({
        size: BOUND_BYTES,
        usage: GPUBufferUsage.STORAGE,
      });
      return { binding, buffer: this.storage[index] };
    });
    const entries = bindGroupEntries(this.uniform, buffers);
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(compute);
    pass.setBindGroup(0, device.createBindGroup({ label: shader.name, layout, entries }), [0]);
    pass.dispatchWorkgroupsIndirect(this.grid, 0);
    pass.end();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
  }

  destroy(): void {
    for (const buffer of [this.uniform, this.grid, ...this.storage]) buffer.destroy();
  }
}
