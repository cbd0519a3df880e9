/** What a choice depends on besides adapter and sizes: the text of every kernel that took part. */
import type { Problem } from '../../gpu/choices.ts';
import type { Gpu } from '../../gpu/device.ts';
import { DryGpu } from '../../gpu/dry_gpu.ts';
import type { PipelineRequest } from '../../gpu/pipeline_cache.ts';
import { specialisedCode } from '../../gpu/shader.ts';
import type { ConvInputs, Variant } from '../variants/variant.ts';
import { emptyInputs } from './inputs.ts';

/**
 * The kernels that a variant dispatches for `problem`.
 *
 * @throws GpuError where a tensor is larger than a binding may be
 */
export function kernelsOf(
  { info, device }: Gpu,
  problem: Problem,
  variant: Variant<ConvInputs>,
): PipelineRequest[] {
  const dry = new DryGpu({ info, device });
  using scope = dry.scope();
  variant.run(scope, emptyInputs(scope, problem), problem.sizes);
  return [...dry.kernels];
}

async function sha256(text: string): Promise<string> {
  const bytes = new Uint8Array(
    await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)),
  );
  return Array.from(bytes.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Hashes of specialised shader texts, each computed once. */
export class KernelTexts {
  private readonly hashes = new Map<string, Promise<string>>();

  /** One hash of `candidates` (name, kernels): another one after a change of any of them. */
  async hash(
    candidates: readonly { readonly name: string; readonly kernels: readonly PipelineRequest[] }[],
  ): Promise<string> {
    const lines = candidates.map(async ({ name, kernels }) => {
      const texts = await Promise.all(kernels.map((request) => this.hashOf(request)));
      return `${name} ${texts.join(' ')}`;
    });
    return sha256((await Promise.all(lines)).join('\n'));
  }

  private hashOf(request: PipelineRequest): Promise<string> {
    const known = this.hashes.get(request.key);
    if (known) return known;
    const { shader, consts, elem, overrides } = request;
    const hash = sha256(`${JSON.stringify(overrides)}${specialisedCode(shader, consts, elem)}`);
    this.hashes.set(request.key, hash);
    return hash;
  }
}
