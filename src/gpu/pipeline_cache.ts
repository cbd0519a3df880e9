/** Compiled pipelines of one device, by shader name and specialisation. */
import { ShaderError } from '../errors.ts';
import {
  type Precision,
  type Shader,
  type Specialisation,
  sourceLine,
  specialisedCode,
} from './shader.ts';

export interface Pipeline {
  readonly compute: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

/** What a pipeline is compiled from. */
export interface PipelineRequest {
  readonly shader: Shader;
  readonly overrides: Readonly<Record<string, number>>;
  readonly consts: Readonly<Record<string, number>>;
  readonly elem: Precision;
  /** The same for requests of the same pipeline. */
  readonly key: string;
}

const fields = (values: Readonly<Record<string, number>>): string => {
  let text = '';
  for (const name in values) text += ` ${name}=${values[name]}`;
  return text;
};

/** The pipeline that a dispatch asks for. */
export function pipelineRequest<S extends Shader>(
  shader: S,
  specialisation: Specialisation<S>,
  elem: Precision,
): PipelineRequest {
  const overrides = (specialisation.overrides ?? {}) as Record<string, number>;
  const consts = (specialisation.consts ?? {}) as Record<string, number>;
  const key = `${shader.name} ${elem}${fields(overrides)};${fields(consts)}`;
  return { shader, overrides, consts, elem, key };
}

/** What the driver compiles, and what to say about it. */
interface Started {
  readonly descriptor: GPUComputePipelineDescriptor;
  readonly layout: GPUBindGroupLayout;
  readonly module: GPUShaderModule;
  readonly code: string;
}

export class PipelineCache {
  private readonly device: GPUDevice;
  private readonly pipelines = new Map<string, Pipeline>();
  private readonly compiling = new Map<string, Promise<Pipeline>>();
  private readonly watch: (verdict: Promise<Error | undefined>) => void;

  /** @param watch is given the verdict on each shader that `get` compiles, which comes after its return */
  constructor(device: GPUDevice, watch: (verdict: Promise<Error | undefined>) => void) {
    this.device = device;
    this.watch = watch;
  }

  has({ key }: PipelineRequest): boolean {
    return this.pipelines.has(key);
  }

  /** At once, which blocks while the driver compiles, also if `prepare` is not done with it. */
  get(request: PipelineRequest): Pipeline {
    const known = this.pipelines.get(request.key);
    if (known) return known;
    this.device.pushErrorScope('validation');
    const started = this.start(request);
    const compute = this.device.createComputePipeline(started.descriptor);
    this.watch(verdict(request, started, this.device.popErrorScope()));
    const pipeline = { compute, layout: started.layout };
    this.pipelines.set(request.key, pipeline);
    return pipeline;
  }

  /**
   * The same without blocking; several at a time compile in parallel. Once per key.
   *
   * @throws ShaderError for a shader that does not compile
   */
  prepare(request: PipelineRequest): Promise<Pipeline> {
    const { key } = request;
    const known = this.pipelines.get(key);
    if (known) return Promise.resolve(known);
    const pending = this.compiling.get(key);
    if (pending) return pending;
    const compiled = this.compile(request)
      .then((pipeline) => {
        // Somebody may not have waited.
        const first = this.pipelines.get(key) ?? pipeline;
        this.pipelines.set(key, first);
        return first;
      })
      .finally(() => this.compiling.delete(key));
    this.compiling.set(key, compiled);
    return compiled;
  }

  private async compile(request: PipelineRequest): Promise<Pipeline> {
    const { device } = this;
    device.pushErrorScope('validation');
    const started = this.start(request);
    const compute = device.createComputePipelineAsync(started.descriptor).then(
      (pipeline) => ({ pipeline }),
      (error: unknown) => ({ error }),
    );
    const error = await verdict(request, started, device.popErrorScope());
    const result = await compute;
    if (error) throw error;
    if ('error' in result) throw await shaderError(request, started, String(result.error));
    return { compute: result.pipeline, layout: started.layout };
  }

  private start({ shader, overrides, consts, elem }: PipelineRequest): Started {
    const { device } = this;
    const code = specialisedCode(shader, consts, elem);
    const module = device.createShaderModule({ label: shader.name, code });
    const entries: GPUBindGroupLayoutEntry[] = [
      {
        binding: 0,
        visibility: GPUShaderStage.COMPUTE,
        buffer: { type: 'uniform', hasDynamicOffset: true },
      },
    ];
    for (const { binding, access } of Object.values(shader.buffers)) {
      const type = access === 'read' ? 'read-only-storage' : 'storage';
      entries.push({ binding, visibility: GPUShaderStage.COMPUTE, buffer: { type } });
    }
    const layout = device.createBindGroupLayout({ label: shader.name, entries });
    const descriptor: GPUComputePipelineDescriptor = {
      label: shader.name,
      layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module, entryPoint: 'main', constants: { ...overrides } },
    };
    return { descriptor, layout, module, code };
  }
}

async function verdict(
  request: PipelineRequest,
  started: Started,
  popped: Promise<GPUError | null>,
): Promise<Error | undefined> {
  const error = await popped;
  return error ? shaderError(request, started, error.message) : undefined;
}

async function shaderError(
  { shader }: PipelineRequest,
  { code, module }: Started,
  reason: string,
): Promise<ShaderError> {
  const { messages } = await module.getCompilationInfo();
  const lines = messages
    .filter(({ type }) => type === 'error')
    .map(({ lineNum, linePos, message }) => `${sourceLine(code, lineNum)}:${linePos} ${message}`);
  return new ShaderError(
    `PipelineCache: shaders/${shader.name}.wgsl does not compile. ${lines.join('; ') || reason} Correct the shader.`,
  );
}
