/** Compiled pipelines of one device, by shader name and specialisation. */
import { ShaderError } from '../errors.ts';
import { type Shader, sourceLine, specialisedCode } from './shader.ts';

export interface Pipeline {
  readonly compute: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

export class PipelineCache {
  private readonly device: GPUDevice;
  private readonly pipelines = new Map<string, Pipeline>();
  private readonly onError: (error: Error) => void;

  /** @param onError told of a shader that does not compile; compilation itself goes on asynchronously */
  constructor(device: GPUDevice, onError: (error: Error) => void) {
    this.device = device;
    this.onError = onError;
  }

  get(
    shader: Shader,
    overrides: Readonly<Record<string, number>>,
    consts: Readonly<Record<string, number>>,
  ): Pipeline {
    const key = `${shader.name} ${JSON.stringify(overrides)} ${JSON.stringify(consts)}`;
    const known = this.pipelines.get(key);
    if (known) return known;
    const pipeline = this.compile(shader, overrides, specialisedCode(shader, consts));
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
    void this.report(shader, code, module, device.popErrorScope());
    return { compute, layout };
  }

  private async report(
    shader: Shader,
    code: string,
    module: GPUShaderModule,
    popped: Promise<GPUError | null>,
  ): Promise<void> {
    try {
      const error = await popped;
      if (!error) return;
      const { messages } = await module.getCompilationInfo();
      const lines = messages
        .filter(({ type }) => type === 'error')
        .map(
          ({ lineNum, linePos, message }) => `${sourceLine(code, lineNum)}:${linePos} ${message}`,
        );
      this.onError(
        new ShaderError(
          `PipelineCache: shaders/${shader.name}.wgsl does not compile. ${lines.join('; ') || error.message} Correct the shader.`,
        ),
      );
    } catch (error) {
      this.onError(error instanceof Error ? error : new ShaderError(String(error)));
    }
  }
}
