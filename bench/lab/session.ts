/** The kernel lab's work on one adapter: a GPU that is replaced when a text has spoilt it. */
import { type AdapterFacts, adapterFacts } from '../../src/browser/adapter_facts.ts';
import { ConfigError } from '../../src/errors.ts';
import type { Gpu } from '../../src/gpu/device.ts';
import type { Precision } from '../../src/gpu/shader.ts';
import { CHECKS_OF } from '../checks/all.ts';
import { type CheckResult, runChecks } from '../checks/run.ts';
import { type Ceilings, rooflineShare } from '../report.ts';
import { measureCeilings } from '../roofline.ts';
import type { TimingOptions } from '../timing.ts';
import { describeLaunch } from './describe.ts';
import type { Edits } from './edited_scope.ts';
import { type Experiment, experimentsOf } from './experiments.ts';
import { type ExperimentResult, runExperiment, type Timed } from './run_experiment.ts';

/** Which experiment, in words that go into an address. */
export interface Choice {
  readonly op: string;
  readonly pass: string;
  readonly title: string;
  readonly variant: string;
  readonly precision: Precision;
}

/** One shader of a launch. */
export interface ShaderFacts {
  readonly name: string;
  /** What may be set per run, with what the launcher sets or, if it does not, the text says. */
  readonly overrides: Readonly<Record<string, number>>;
  readonly consts: Readonly<Record<string, number>>;
  /** Names of those that the launcher sets. */
  readonly set: readonly string[];
}

export interface LaunchFacts {
  readonly variants: readonly string[];
  readonly shaders: readonly ShaderFacts[];
  /** Activations may be stored as f16: the op can, and so can the adapter. */
  readonly half: boolean;
}

type Rated = Timed & { readonly percentOfCeiling: number | null };

export interface LabResult extends Omit<ExperimentResult, 'yours' | 'shipped'> {
  readonly yours: Rated | null;
  readonly shipped: Rated | null;
  /** Measured with the first result that was right. */
  readonly ceilings: Ceilings | null;
}

const CEILING_TIMING: TimingOptions = { minRuns: 3, maxRuns: 8, budgetMs: 300 };

export class LabSession {
  private readonly open: () => Promise<Gpu>;
  private gpu: Promise<Gpu> | undefined;
  private ceilings: Ceilings | undefined;

  /** @param open a device of its own at each call */
  constructor(open: () => Promise<Gpu>) {
    this.open = open;
  }

  async adapter(): Promise<AdapterFacts> {
    return adapterFacts(await this.device());
  }

  async describe(choice: Choice): Promise<LaunchFacts> {
    const gpu = await this.device();
    const experiment = find(choice);
    const half = experiment.half && gpu.device.features.has('shader-f16');
    this.needs(gpu, experiment);
    const precision = half ? choice.precision : 'f32';
    const { variants, dispatched } = describeLaunch(gpu, experiment, choice.variant, precision);
    const shaders = dispatched.map(({ shader, overrides, consts }) => ({
      name: shader.name,
      overrides: { ...shader.overrides, ...overrides },
      consts: { ...shader.consts, ...consts },
      set: [...Object.keys(overrides), ...Object.keys(consts)],
    }));
    return { variants, shaders, half };
  }

  /** Compiles, verifies and times; what a text may do is in the result. */
  async run(
    choice: Choice,
    edits: Edits,
    { timing, onStage }: { timing?: TimingOptions; onStage?: (stage: string) => void } = {},
  ): Promise<LabResult> {
    const gpu = await this.device();
    const experiment = find(choice);
    this.needs(gpu, experiment);
    onStage?.('compiling, running and timing');
    const { variant, precision } = choice;
    const request = { check: experiment, variant, precision, edits };
    const result = await runExperiment(gpu, { ...request, ...(timing ? { timing } : {}) });
    const { yours, shipped, ...verdict } = result;
    if (verdict.error !== undefined) await this.recover(gpu);
    if (!yours || !shipped) return { ...verdict, yours: null, shipped: null, ceilings: null };
    if (!this.ceilings) onStage?.('measuring what the adapter can do at best');
    this.ceilings ??= await measureCeilings(gpu, timing ?? CEILING_TIMING);
    const { ceilings } = this;
    const rated = (timed: Timed): Rated => ({
      ...timed,
      percentOfCeiling: rooflineShare(timed, ceilings),
    });
    return { ...verdict, yours: rated(yours), shipped: rated(shipped), ceilings };
  }

  /** Every op against its plain loops, on devices of their own. */
  check(
    onResult: (result: CheckResult, done: number, total: number) => void,
  ): Promise<CheckResult[]> {
    return runChecks(this.open, { onResult });
  }

  close(): void {
    void this.gpu?.then(
      (gpu) => gpu.destroy(),
      () => undefined,
    );
    this.gpu = undefined;
  }

  private device(): Promise<Gpu> {
    if (!this.gpu) {
      const opening = this.open();
      this.gpu = opening;
      opening.then(
        (gpu) => gpu.device.lost.then(() => this.forget(opening)),
        () => this.forget(opening),
      );
    }
    return this.gpu;
  }

  private forget(lost: Promise<Gpu>): void {
    if (this.gpu === lost) this.gpu = undefined;
  }

  /** A GPU that has had an error says so at every readback; one whose text did not compile is well. */
  private async recover(gpu: Gpu): Promise<void> {
    try {
      await gpu.sync();
    } catch {
      this.close();
    }
  }

  /** @throws ConfigError for an op that this adapter cannot run */
  private needs({ device }: Gpu, { op, pass, needs }: Experiment): void {
    if (!needs || device.features.has(needs)) return;
    throw new ConfigError(
      `LabSession: this adapter cannot run the op. ${op} ${pass} needs ${needs}. Choose another op, or another machine.`,
    );
  }
}

/** @throws ConfigError for an experiment that is not there */
function find({ op, pass, title }: Choice): Experiment {
  const experiments = op in CHECKS_OF ? experimentsOf(op) : [];
  const found = experiments.find((each) => each.pass === pass && each.title === title);
  if (found) return found;
  throw new ConfigError(
    `LabSession: there is no such experiment. Got '${op} ${pass} ${title}'. Choose one of the lists.`,
  );
}
