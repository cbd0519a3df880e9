/** Compiled pipelines of one device, by shader name and specialisation. */
import { ShaderError } from '../errors.ts';
import { type Precision, type Shader, sourceLine, specialisedCode } from './shader.ts';

export interface Pipeline {
  readonly compute: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

export class PipelineCache {
  private readonly device: GPUDevice;
  private readonly pipelines = new Map<string, Pipeline>();
  private readonly watch: (verdict: Promise<Error | undefined>) => void;

  /** @param watch is given the verdict on each shader, which comes after `get` has returned */
  constructor(device: GPUDevice, watch: (verdict: Promise<Error | undefined>) => void) {
    this.device = device;
    this.watch = watch;
  }

  get(
    shader: Shader,
    overrides: Readonly<Record<string, number>>,
    consts: Readonly<Record<string, number>>,
    elem: Precision = 'f32',
  ): Pipeline {
    const key = `${shader.name} ${elem} ${JSON.stringify(overrides)} ${JSON.stringify(consts)}`;
    const known = this.pipelines.get(key);
    if (known) return known;
    const pipeline = this.compile(shader, overrides, specialisedCode(shader, consts, elem));
    this.pipelines.set(key, pipeline);
    return pipeline;
  }

  private compile(
    shader: Shader,
    overrides: Readonly<Record<string, number>>,
    code: string,
  ): Pipeline {
    const { device } = this;
    device.pushErrorScope('validation');
    const module = device.createShaderModule({ label: shader.name, code });
    const entries: GPUBindGroupLayoutEntry[] = [
      { binding: 0, visibility: GPUShaderStage.COMPUTE, buffer: { type: 'uniform' } },
    ];
    for (const { binding, access } of Object.values(shader.buffers)) {
      const type = access === 'read' ? 'read-only-storage' : 'storage';
      entries.push({ binding, visibility: GPUShaderStage.COMPUTE, buffer: { type } });
    }
    const layout = device.createBindGroupLayout({ label: shader.name, entries });
    const compute = device.createComputePipeline({
      label: shader.name,
      layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module, entryPoint: 'main', constants: { ...overrides } },
    });
    this.watch(verdict(shader, code, module, device.popErrorScope()));
    return { compute, layout };
  }
}

async function verdict(
  shader: Shader,
  code: string,
  module: GPUShaderModule,
  popped: Promise<GPUError | null>,
): Promise<Error | undefined> {
  const error = await popped;
  if (!error) return undefined;
  const { messages } = await module.getCompilationInfo();
  const lines = messages
    .filter(({ type }) => type === 'error')
    .map(({ lineNum, linePos, message }) => `${sourceLine(code, lineNum)}:${linePos} ${message}`);
  return new ShaderError(
    `PipelineCache: shaders/${shader.name}.wgsl does not compile. ${lines.join('; ') || error.message} Correct the shader.`,
  );
}
