/** `voxgrad doctor`: is this machine ready, and what to do if it is not. */
import type { Command } from 'commander';
import { quickChecks } from '../../bench/checks/all.ts';
import { type CheckResult, runChecks } from '../../bench/checks/run.ts';
import { Gpu, requestAdapter } from '../node.ts';
import { type Context, command, execute } from './command.ts';
import { startProgress } from './progress.ts';
import { type CommonOptions, showBytes } from './terminal.ts';
import { packageVersion } from './version.ts';

interface AdapterFacts {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  /** Computes on the CPU. */
  readonly software: boolean;
  readonly features: readonly string[];
  readonly limits: Readonly<Record<string, number>>;
}

interface Diagnosis {
  readonly ok: boolean;
  readonly voxgrad: string;
  readonly node: { readonly version: string; readonly ok: boolean };
  readonly platform: string;
  readonly adapter: AdapterFacts | null;
  readonly checks: readonly CheckResult[];
  /** What to do, in order; empty when all is well. */
  readonly advice: readonly string[];
}

const OLDEST_NODE = [20, 19] as const;

/** Optional: kernels use them where they are there. */
const FEATURES = ['shader-f16', 'subgroups', 'timestamp-query'] as const;

const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBuffersPerShaderStage',
] as const;

interface DoctorOptions extends CommonOptions {
  readonly full?: boolean;
}

export function doctorCommand(): Command {
  return command('doctor', 'voxgrad doctor\nvoxgrad doctor --full\nvoxgrad doctor --json')
    .option('--full', 'every op on all adversarial sizes, and in half precision: minutes')
    .action((options: DoctorOptions) =>
      execute(options, (context) => doctor(context, options.full ?? false)),
    );
}

async function doctor({ terminal, signal }: Context, full: boolean): Promise<void> {
  const diagnosis = await diagnose(full, signal);
  terminal.result(diagnosis, diagnosisText(diagnosis));
  if (!diagnosis.ok) process.exitCode = 1;
}

function nodeIsRecent(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
}

async function openAdapter(): Promise<GPUAdapter | undefined> {
  try {
    return await requestAdapter();
  } catch {
    return undefined;
  }
}

/** What to install where Dawn finds no adapter. */
function driverAdvice(): string {
  if (process.platform === 'linux') {
    return 'No WebGPU adapter: run ./setup, or install a Vulkan driver (without a GPU: mesa-vulkan-drivers 24 or newer, with libvulkan1).';
  }
  return 'No WebGPU adapter: update the graphics driver (macOS needs Metal, Windows Direct3D 12 or Vulkan).';
}

/** Every op against its plain loops, with a bar: the first run on an adapter compiles the kernels. */
async function selfCheck(
  first: GPUAdapter,
  full: boolean,
  signal: AbortSignal,
): Promise<CheckResult[]> {
  let adapter: GPUAdapter | undefined = first;
  let progress: ReturnType<typeof startProgress> | undefined;
  try {
    return await runChecks(
      async () => {
        // An adapter object gives one device.
        const gpu = await Gpu.create(adapter ?? (await requestAdapter()));
        adapter = undefined;
        return gpu;
      },
      {
        signal,
        ...(full ? {} : { checks: quickChecks() }),
        onResult: ({ op }, done, total) => {
          progress ??= startProgress('kernels', total);
          progress.update(done, op);
        },
      },
    );
  } finally {
    progress?.stop();
  }
}

async function diagnose(full: boolean, signal: AbortSignal): Promise<Diagnosis> {
  const version = process.versions.node;
  const node = { version, ok: nodeIsRecent(version) };
  const advice: string[] = [];
  if (!node.ok)
    advice.push(
      `Node.js ${OLDEST_NODE.join('.')} or newer is needed: https://nodejs.org/en/download`,
    );
  const adapter = await openAdapter();
  let checks: CheckResult[] = [];
  if (adapter) {
    checks = await selfCheck(adapter, full, signal);
    const wrong = checks.filter(({ ok }) => !ok).map(({ op }) => op);
    if (wrong.length > 0) {
      advice.push(
        `This driver computes ${wrong.join(', ')} wrongly: update it, or choose another with VK_ICD_FILENAMES.`,
      );
    }
  } else {
    advice.push(driverAdvice());
  }
  return {
    ok: advice.length === 0,
    voxgrad: packageVersion(),
    node,
    platform: `${process.platform} ${process.arch}`,
    adapter: adapter ? adapterFacts(adapter) : null,
    checks,
    advice,
  };
}

function adapterFacts(adapter: GPUAdapter): AdapterFacts {
  const { vendor, architecture, device, description, isFallbackAdapter } = adapter.info;
  const limits: Record<string, number> = {};
  for (const name of LIMITS) limits[name] = adapter.limits[name];
  return {
    vendor,
    architecture,
    device,
    description,
    software: isFallbackAdapter,
    features: [...adapter.features].map(String).sort(),
    limits,
  };
}

function limitText(name: string, value: number): string {
  return /Size$/.test(name) ? showBytes(value) : String(value);
}

function diagnosisText({ voxgrad, node, platform, adapter, checks, advice }: Diagnosis): string {
  const lines = [
    `voxgrad  ${voxgrad}`,
    `Node     ${node.version}${node.ok ? '' : ' (too old)'} on ${platform}`,
  ];
  if (adapter) {
    const name = [adapter.vendor, adapter.architecture, adapter.device, adapter.description];
    lines.push(
      `adapter  ${name.filter(Boolean).join(', ')}${adapter.software ? ' (software: correct, but slow)' : ''}`,
    );
    const features = FEATURES.map(
      (feature) => `${feature} ${adapter.features.includes(feature) ? 'yes' : 'no'}`,
    );
    lines.push(`features ${features.join(', ')}`, 'limits');
    for (const [name, value] of Object.entries(adapter.limits)) {
      lines.push(`  ${name.padEnd(34)} ${limitText(name, value)}`);
    }
    lines.push('kernels against the reference');
    for (const { op, worst, ok, error } of checks) {
      const found = error ?? `worst difference ${worst?.toExponential(1) ?? 'not a number'}`;
      lines.push(`  ${ok ? 'ok  ' : 'FAIL'} ${op.padEnd(32)} ${found}`);
    }
  } else {
    lines.push('adapter  none');
  }
  lines.push('', ...(advice.length > 0 ? advice : ['Everything works.']));
  return lines.join('\n');
}
