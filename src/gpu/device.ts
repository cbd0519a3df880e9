/**
 * The GPU as this project sees it: tensors, dispatches, readback. Works on any `GPUAdapter`, of a
 * browser or of Dawn on Node. `Gpu` owns what outlives a step (parameters, optimiser state);
 * everything else belongs to a `Scope`.
 */
import { GpuError, ShapeError, VoxgradError } from '../errors.ts';
import { product, showShape } from '../shape.ts';
import { BindGroupCache } from './bind_group_cache.ts';
import { BufferPool } from './buffer_pool.ts';
import { Choices } from './choices.ts';
import {
  checkBuffers,
  type DispatchArguments,
  foldGrid,
  gridLength,
  packParams,
} from './dispatch.ts';
import { halvesToFloats } from './half.ts';
import { KernelWarmup } from './kernel_warmup.ts';
import { PipelineCache, type PipelineRequest, pipelineRequest } from './pipeline_cache.ts';
import { type KernelTime, Profile } from './profile.ts';
import { Recorder } from './recorder.ts';
import { Scope } from './scope.ts';
import type { ScalarType, Shader } from './shader.ts';
import { SubmissionBudget } from './submission_budget.ts';
import { Tensor, tensorBytes } from './tensor.ts';
import { UniformCache } from './uniform_cache.ts';

const WANTED_FEATURES = ['shader-f16', 'subgroups', 'timestamp-query'] as const;

/** Half precision is read as f32, exactly. */
export type Readback<T extends ScalarType> = T extends 'f32' | 'f16'
  ? Float32Array<ArrayBuffer>
  : T extends 'u32'
    ? Uint32Array<ArrayBuffer>
    : Int32Array<ArrayBuffer>;

export interface GpuOptions {
  /**
   * End submissions before they are predicted to keep a screen from being drawn. Default: true but
   * for software adapters; whether a GPU has a screen cannot be asked.
   */
  readonly drawsScreen?: boolean;
}

export interface PrepareOptions {
  /** Called before the first and after each kernel, with kernels done and kernels in all. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

export class Gpu {
  readonly device: GPUDevice;
  readonly info: GPUAdapterInfo;
  readonly pool: BufferPool;
  /** Which of several kernels computes what. */
  readonly choices = new Choices();
  private readonly pipelines: PipelineCache;
  private readonly uniforms: UniformCache;
  private readonly bindGroups: BindGroupCache;
  private readonly recorder: Recorder;

  protected constructor(device: GPUDevice, info: GPUAdapterInfo, options: GpuOptions = {}) {
    this.device = device;
    this.info = info;
    this.pool = new BufferPool(device);
    this.uniforms = new UniformCache(device);
    this.bindGroups = new BindGroupCache(device);
    const { drawsScreen = !info.isFallbackAdapter } = options;
    const budget = drawsScreen ? new SubmissionBudget() : undefined;
    this.recorder = new Recorder(device, () => this.pool.trim(), budget);
    this.pipelines = new PipelineCache(device, (verdict) => this.recorder.watch(verdict));
  }

  /** Opens a device with everything that the adapter offers. One device per adapter object. */
  static async create(adapter: GPUAdapter, options: GpuOptions = {}): Promise<Gpu> {
    const requiredLimits: Record<string, number> = {};
    for (const name in adapter.limits) {
      const value = adapter.limits[name as keyof GPUSupportedLimits];
      if (typeof value === 'number') requiredLimits[name] = value;
    }
    const requiredFeatures = WANTED_FEATURES.filter((name) => adapter.features.has(name));
    const device = await adapter.requestDevice({ requiredFeatures, requiredLimits });
    return new Gpu(device, adapter.info, options);
  }

  scope(): Scope {
    return new Scope(this);
  }

  /**
   * A tensor of undefined content, owned by the caller until `release`.
   *
   * @throws GpuError for f16 where the adapter has none
   */
  tensor(shape: readonly number[], name = 'tensor', dtype: ScalarType = 'f32'): Tensor {
    if (shape.some((size) => !Number.isInteger(size) || size < 1)) {
      throw new ShapeError(
        `Gpu.tensor: every size must be a positive whole number. Got '${name}' ${showShape(shape)}. Check the shapes that led here.`,
      );
    }
    this.checkPrecision(dtype);
    const bytes = tensorBytes(product(shape), dtype);
    return new Tensor(this.pool.acquire(bytes, name), [...shape], dtype, name);
  }

  /** @throws GpuError for f16 where the adapter has none */
  checkPrecision(dtype: ScalarType): void {
    if (dtype !== 'f16' || this.device.features.has('shader-f16')) return;
    throw new GpuError(
      'Gpu: this adapter cannot store half precision. Its feature shader-f16 is missing. Use f32.',
    );
  }

  /** A tensor holding a copy of `data`, owned by the caller until `release`. */
  upload(
    data: Float32Array | Uint32Array | Int32Array,
    shape: readonly number[],
    name = 'upload',
  ): Tensor {
    const dtype =
      data instanceof Float32Array ? 'f32' : data instanceof Uint32Array ? 'u32' : 'i32';
    const tensor = this.tensor(shape, name, dtype);
    this.write(tensor, data);
    return tensor;
  }

  /** Replaces the content of `tensor`, in order with the dispatches around it. */
  write(tensor: Tensor, data: Float32Array | Uint32Array | Int32Array): void {
    if (data.length !== tensor.size) {
      throw new ShapeError(
        `Gpu.write: data does not fill the tensor. Got ${data.length} values for '${tensor.name}' ${showShape(tensor.shape)}. Pass one per element.`,
      );
    }
    if (tensor.dtype === 'f16') {
      throw new ShapeError(
        `Gpu.write: there are no arrays of half precision. '${tensor.name}' ${showShape(tensor.shape)} is of f16. Write an f32 tensor and cast it.`,
      );
    }
    this.recorder.submit();
    this.device.queue.writeBuffer(tensor.buffer, 0, data.buffer, data.byteOffset, data.byteLength);
  }

  /** Returns the tensor's memory to the pool; using it afterwards throws. */
  release(tensor: Tensor): void {
    this.pool.release(tensor.detach());
  }

  /** Records one kernel. It runs after all earlier ones, at the latest before the next readback. */
  dispatch<S extends Shader>(shader: S, args: DispatchArguments<S>): void {
    const tensors = args.buffers as Readonly<Record<string, Tensor>>;
    const elem = checkBuffers(shader, tensors);
    const pipeline = this.pipelines.get(pipelineRequest(shader, args, elem));
    const buffers = Object.entries(shader.buffers).map(([name, { binding }]) => ({
      binding,
      buffer: tensors[name]!.buffer,
    }));
    this.recorder.add({
      name: shader.name,
      pipeline: pipeline.compute,
      bindGroup: this.bindGroups.get(pipeline, this.uniforms.buffer, buffers, shader.name),
      paramsOffset: this.uniforms.get(packParams(shader, args.params)),
      grid: foldGrid(gridLength(shader, args), this.device.limits.maxComputeWorkgroupsPerDimension),
      flops: args.flops ?? 0,
      bytes: [...new Set(Object.values(tensors))].reduce((sum, tensor) => sum + tensor.bytes, 0),
    });
  }

  /**
   * Compiles kernels before they are needed, without blocking: all at once where the driver has the
   * threads for it. A kernel that is not prepared is compiled by its first dispatch.
   *
   * @param requests of a `DryGpu` like this one that has run the same
   * @throws ShaderError for a shader that does not compile
   * @throws DeviceLostError once the device is gone
   * @throws the signal's reason when it is aborted
   */
  async prepare(
    requests: Iterable<PipelineRequest>,
    { onProgress, signal }: PrepareOptions = {},
  ): Promise<void> {
    const missing = [...requests].filter((request) => !this.pipelines.has(request));
    if (missing.length === 0) return;
    const compiled = missing.map((request) => this.pipelines.prepare(request));
    // The first failure is thrown below; the others must not count as unhandled.
    for (const pipeline of compiled) pipeline.catch(() => undefined);
    const warmup = new KernelWarmup(this.device);
    try {
      onProgress?.(0, missing.length);
      for (const [index, request] of missing.entries()) {
        signal?.throwIfAborted();
        await warmup.run(request, await compiled[index]!);
        onProgress?.(index + 1, missing.length);
      }
      await this.recorder.check();
    } catch (error) {
      if (signal?.aborted || error instanceof VoxgradError) {
        await this.recorder.check();
        throw error;
      }
      await this.recorder.rethrow(
        new GpuError(`Gpu.prepare: a kernel was refused. ${String(error)}`),
      );
    } finally {
      warmup.destroy();
    }
  }

  /** Submits what is recorded, without waiting: the GPU works while the program does something else. */
  flush(): void {
    this.recorder.submit();
  }

  /**
   * Copies a tensor's values back.
   *
   * @throws what went wrong on the GPU up to here, DeviceLostError once the device is gone
   */
  async read<T extends ScalarType = 'f32'>(
    tensor: Tensor & { dtype: ScalarType },
  ): Promise<Readback<T>> {
    const staging = this.device.createBuffer({
      size: tensor.bytes,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    try {
      this.recorder.copy(tensor.buffer, staging, tensor.bytes);
      this.recorder.submit();
      try {
        await staging.mapAsync(GPUMapMode.READ);
      } catch (error) {
        await this.recorder.rethrow(
          new GpuError(`Gpu.read: '${tensor.name}' could not be mapped. ${String(error)}`),
        );
      }
      await this.recorder.check();
      const bytes = staging.getMappedRange().slice(0);
      const array =
        tensor.dtype === 'f32'
          ? new Float32Array(bytes)
          : tensor.dtype === 'f16'
            ? halvesToFloats(new Uint16Array(bytes, 0, tensor.size))
            : tensor.dtype === 'u32'
              ? new Uint32Array(bytes)
              : new Int32Array(bytes);
      return array as Readback<T>;
    } finally {
      staging.destroy();
    }
  }

  /** Submits what is recorded and waits for the GPU. Throws what went wrong, as `read`. */
  async sync(): Promise<void> {
    this.recorder.submit();
    try {
      await this.device.queue.onSubmittedWorkDone();
    } catch (error) {
      await this.recorder.rethrow(
        new GpuError(`Gpu.sync: the GPU did not answer. ${String(error)}`),
      );
    }
    await this.recorder.check();
  }

  /** Kernels, submissions, and bytes of the tensors given to kernels, since the start. */
  get counts(): { dispatches: number; submits: number; bytes: number } {
    const { dispatches, submits, bytes } = this.recorder;
    return { dispatches, submits, bytes };
  }

  /**
   * The shader whose largest dispatch so far is predicted to take longest: a kernel is never split, and
   * operating systems and browsers end one that keeps the screen for seconds. Undefined before the first
   * dispatch, and of software adapters, where nobody does.
   */
  get longestDispatch(): { readonly name: string; readonly milliseconds: number } | undefined {
    return this.recorder.longest;
  }

  /** GPU time per shader while `work` runs. Throws GpuError where the adapter has no timestamps. */
  async profile(work: () => Promise<void> | void): Promise<KernelTime[]> {
    if (!this.device.features.has('timestamp-query')) {
      throw new GpuError(
        'Gpu.profile: this adapter has no timestamps. The feature timestamp-query is missing. Measure wall time.',
      );
    }
    await this.sync();
    const profile = new Profile(this.device);
    this.recorder.profile = profile;
    try {
      await work();
      await this.sync();
      return await profile.report();
    } finally {
      this.recorder.profile = undefined;
      profile.destroy();
    }
  }

  /** Gives the device back. Pending readbacks fail. */
  destroy(): void {
    this.device.destroy();
  }
}
