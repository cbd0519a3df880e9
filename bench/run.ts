/** A whole benchmark: ceilings, ops, network. */
import { ConfigError } from '../src/errors.ts';
import type { Gpu } from '../src/gpu/device.ts';
import type { UNet } from '../src/nn/unet.ts';
import type { BenchCase } from './case.ts';
import { failedRows, runCase, variantsOf } from './harness.ts';
import { benchNetwork, type NetworkCase, networkRow, runNetwork } from './network.bench.ts';
import {
  type Adapter,
  higher,
  type NetworkRow,
  type Report,
  type Row,
  withCeilings,
} from './report.ts';
import { measureCeilings } from './roofline.ts';
import type { TimingOptions } from './timing.ts';

export interface RunOptions {
  readonly cases: readonly BenchCase[];
  readonly networks: readonly NetworkCase[];
  readonly variants: readonly string[];
  /** Fewer runs and shorter ones: to see whether something works, not how fast it is. */
  readonly quick: boolean;
  readonly signal?: AbortSignal;
  /** Called before each piece of work. */
  readonly onProgress?: (done: number, total: number, note: string) => void;
}

const TIMING = {
  ceiling: { minRuns: 10, maxRuns: 20, budgetMs: 800 },
  op: { minRuns: 10, maxRuns: 30, budgetMs: 800 },
  network: { minRuns: 3, maxRuns: 10, budgetMs: 10_000 },
} satisfies Record<string, TimingOptions>;

const QUICK = {
  ceiling: { minRuns: 3, maxRuns: 5, budgetMs: 200 },
  op: { minRuns: 3, maxRuns: 5, budgetMs: 200 },
  network: { minRuns: 2, maxRuns: 3, budgetMs: 2000 },
} satisfies Record<string, TimingOptions>;

const STEPS = ['forward', 'training_step'] as const;

export function adapterOf({ info }: Gpu): Adapter {
  const { vendor, architecture, device, description } = info;
  return { vendor, architecture, device, description, software: info.isFallbackAdapter };
}

/** A device that is replaced after a failure: GPU errors stay with the device that had them. */
class Devices {
  private readonly open: () => Promise<Gpu>;
  private current: Gpu | undefined;
  private network: UNet | undefined;

  constructor(open: () => Promise<Gpu>) {
    this.open = open;
  }

  async gpu(): Promise<Gpu> {
    this.current ??= await this.open();
    return this.current;
  }

  async model(): Promise<UNet> {
    this.network ??= benchNetwork(await this.gpu());
    return this.network;
  }

  /** Gives up the device if it has an error that would meet all that follows. */
  async recover(): Promise<void> {
    try {
      await this.current?.sync();
    } catch {
      this.close();
    }
  }

  close(): void {
    this.current?.destroy();
    this.current = undefined;
    this.network = undefined;
  }
}

type Next = (note: string) => void;

async function runOps(
  devices: Devices,
  cases: readonly BenchCase[],
  variants: readonly string[],
  timing: TimingOptions,
  next: Next,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const bench of cases) {
    next(`${bench.op} ${bench.pass} ${bench.layer}`);
    try {
      const gpu = await devices.gpu();
      if (bench.needs && !gpu.device.features.has(bench.needs)) continue;
      rows.push(...(await runCase(gpu, bench, variants, timing)));
    } catch (error) {
      timing.signal?.throwIfAborted();
      rows.push(...failedRows(bench, variants, (error as Error).message));
    }
    await devices.recover();
  }
  return rows;
}

async function runNetworks(
  devices: Devices,
  networks: readonly NetworkCase[],
  timing: TimingOptions,
  next: Next,
): Promise<NetworkRow[]> {
  const rows: NetworkRow[] = [];
  for (const bench of networks) {
    for (const what of STEPS) {
      next(`unet ${bench.shape.join('x')} batch ${bench.batch} ${what}`);
      if (what === 'training_step' && rows.at(-1)!.error !== undefined) {
        rows.push({ ...networkRow(bench, what), error: 'not timed, as the forward pass failed' });
        continue;
      }
      try {
        const [gpu, model] = [await devices.gpu(), await devices.model()];
        rows.push(await runNetwork(gpu, model, bench, what, timing));
      } catch (error) {
        timing.signal?.throwIfAborted();
        rows.push({ ...networkRow(bench, what), error: (error as Error).message });
      }
      await devices.recover();
    }
  }
  return rows;
}

/**
 * Measures the ceilings first and, unless in a hurry, once more at the end: the higher ones count, so
 * that a machine that was busy at one end does not flatter the kernels.
 *
 * @param open gives a device of its own; it is destroyed at the end
 * @throws ConfigError if no case has one of the variants, GpuError if the ceilings cannot be measured
 */
export async function runBench(
  open: () => Promise<Gpu>,
  { cases, networks, variants, quick, signal, onProgress }: RunOptions,
): Promise<Pick<Report, 'adapter' | 'ceilings' | 'rows' | 'network'>> {
  const timing = quick ? QUICK : TIMING;
  const chosen = cases.filter((bench) => variantsOf(bench, variants).length > 0);
  for (const variant of variants) {
    if (cases.length === 0 || cases.some((bench) => bench.variants.includes(variant))) continue;
    const known = [...new Set(cases.flatMap((bench) => bench.variants))].join(', ');
    throw new ConfigError(
      `runBench: no chosen op has this variant. Got '${variant}'. Use ${known}.`,
    );
  }
  const total = (quick ? 1 : 2) + chosen.length + STEPS.length * networks.length;
  let done = 0;
  const next: Next = (note) => {
    signal?.throwIfAborted();
    onProgress?.(done++, total, note);
  };
  const devices = new Devices(open);
  try {
    next('ceilings');
    const adapter = adapterOf(await devices.gpu());
    const ceiling = { ...timing.ceiling, signal };
    const first = await measureCeilings(await devices.gpu(), ceiling);
    const rows = await runOps(devices, chosen, variants, { ...timing.op, signal }, next);
    const network = await runNetworks(devices, networks, { ...timing.network, signal }, next);
    let ceilings = first;
    if (!quick) {
      next('ceilings again');
      ceilings = higher(first, await measureCeilings(await devices.gpu(), ceiling));
    }
    onProgress?.(total, total, '');
    return withCeilings({ adapter, rows, network }, ceilings);
  } finally {
    devices.close();
  }
}
