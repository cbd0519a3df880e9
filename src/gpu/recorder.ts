/**
 * Collects dispatches into one compute pass and submits them together, with a budget no more than
 * are predicted to take its time (a single dispatch is never split). Every submitted batch is
 * wrapped in error scopes; what they catch is stored and thrown at the next readback.
 */
import { DeviceLostError, GpuError, ShaderError } from '../errors.ts';
import type { Profile } from './profile.ts';
import type { SubmissionBudget } from './submission_budget.ts';

/** More save nothing that can be measured, and the GPU waits longer for the first. */
const DISPATCHES_PER_SUBMIT = 64;
const SCOPES = ['validation', 'out-of-memory', 'internal'] as const;
/** A loss may be told of later than what fails because of it, but not by much. */
const LOSS_IS_KNOWN_MS = 1000;

export interface Recorded {
  readonly name: string;
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  /** Where the parameters are in their buffer. */
  readonly paramsOffset: number;
  readonly grid: readonly [number, number];
  /** Multiplications and additions, where the launcher counts them; otherwise 0. */
  readonly flops: number;
  /** Size of all bound tensors: what the kernel has to move if it reads and writes each once. */
  readonly bytes: number;
}

function encode(
  pass: GPUComputePassEncoder,
  { pipeline, bindGroup, paramsOffset, grid: [columns, rows] }: Recorded,
): void {
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, bindGroup, [paramsOffset]);
  pass.dispatchWorkgroups(columns, rows);
}

export class Recorder {
  private readonly device: GPUDevice;
  private readonly afterSubmit: () => void;
  private readonly budget: SubmissionBudget | undefined;
  private encoder: GPUCommandEncoder | undefined;
  private pass: GPUComputePassEncoder | undefined;
  private count = 0;
  private readonly pending = new Set<Promise<void>>();
  private readonly stored: Error[] = [];
  /** Failed questions to the device, which mean that it is gone, or nothing if it is not. */
  private readonly refusals: Error[] = [];
  private readonly lost: Promise<DeviceLostError>;
  private loss: DeviceLostError | undefined;
  /** Set to measure GPU time per shader; slower, as every dispatch becomes a pass. */
  profile: Profile | undefined;
  dispatches = 0;
  submits = 0;
  bytes = 0;

  /**
   * @param afterSubmit called when no encoder is open, where buffers may be destroyed
   * @param budget ends submissions before they are predicted to take too long. Default: only the
   *   number of dispatches ends them
   */
  constructor(device: GPUDevice, afterSubmit: () => void, budget?: SubmissionBudget) {
    this.device = device;
    this.afterSubmit = afterSubmit;
    this.budget = budget;
    device.onuncapturederror = ({ error }) => this.fail(new GpuError(`WebGPU: ${error.message}`));
    this.lost = device.lost.then(({ reason, message }) => {
      this.loss = new DeviceLostError(
        `WebGPU: the device was lost. Reason: ${reason}, ${message.replace(/\.?\s*$/, '.')} Open a new device and start again from the last checkpoint.`,
      );
      return this.loss;
    });
  }

  /** Stores an error for the next `check`. */
  fail(error: Error): void {
    this.stored.push(error);
  }

  add(dispatch: Recorded): void {
    const { name, flops, bytes } = dispatch;
    if (this.budget && this.count > 0 && !this.budget.fits({ flops, bytes })) this.submit();
    this.budget?.add({ name, flops, bytes });
    const encoder = this.open();
    if (this.profile) {
      const pass = encoder.beginComputePass({ timestampWrites: this.profile.next(name, bytes) });
      encode(pass, dispatch);
      pass.end();
    } else {
      this.pass ??= encoder.beginComputePass();
      encode(this.pass, dispatch);
    }
    this.dispatches++;
    this.bytes += bytes;
    if (++this.count >= DISPATCHES_PER_SUBMIT) this.submit();
    if (this.profile?.full) {
      this.submit();
      this.profile.collect();
    }
  }

  /** As of `SubmissionBudget`; undefined without one. */
  get longest(): SubmissionBudget['longest'] {
    return this.budget?.longest;
  }

  /** Records a copy after all dispatches so far. */
  copy(source: GPUBuffer, target: GPUBuffer, bytes: number): void {
    const encoder = this.open();
    this.endPass();
    encoder.copyBufferToBuffer(source, 0, target, 0, bytes);
  }

  submit(): void {
    if (!this.encoder) return;
    this.endPass();
    this.device.queue.submit([this.encoder.finish()]);
    this.encoder = undefined;
    this.count = 0;
    this.submits++;
    if (this.budget) {
      const done = this.budget.submit();
      // Of a lost device nothing is learnt; what was lost is told elsewhere.
      this.device.queue.onSubmittedWorkDone().then(done, () => undefined);
    }
    for (const _ of SCOPES) {
      this.watch(
        this.device
          .popErrorScope()
          .then((error) => (error ? new GpuError(`WebGPU: ${error.message}`) : undefined)),
      );
    }
    this.afterSubmit();
  }

  /** Stores what goes wrong with a shader or a batch once that is known. */
  watch(verdict: Promise<Error | undefined>): void {
    const noted = verdict
      .then((error) => error && this.fail(error))
      .catch((error: unknown) => void this.refusals.push(new GpuError(`WebGPU: ${String(error)}`)))
      .then(() => void this.pending.delete(noted));
    this.pending.add(noted);
  }

  /** Waits for all verdicts; throws the first stored error, causes before their consequences. */
  async check(): Promise<void> {
    await Promise.all(this.pending);
    const cause = this.stored.find((stored) => stored instanceof ShaderError) ?? this.stored[0];
    const error =
      cause ?? this.loss ?? (this.refusals[0] && (await this.explain(this.refusals[0])));
    if (error) throw error;
  }

  /** Why something failed that only a lost device refuses: its loss, or if there is none the failure itself. */
  private async explain(failure: Error): Promise<Error> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const known = new Promise<Error>((resolve) => {
      timer = setTimeout(() => resolve(failure), LOSS_IS_KNOWN_MS);
    });
    return Promise.race([this.lost, known]).finally(() => clearTimeout(timer));
  }

  /**
   * Waits for all verdicts after a failure, and throws what caused it.
   *
   * @throws the first stored error, the device's loss, or if there is neither `failure`
   */
  async rethrow(failure: GpuError): Promise<never> {
    await this.check();
    throw await this.explain(failure);
  }

  private open(): GPUCommandEncoder {
    if (!this.encoder) {
      for (const scope of SCOPES) this.device.pushErrorScope(scope);
      this.encoder = this.device.createCommandEncoder();
    }
    return this.encoder;
  }

  private endPass(): void {
    this.pass?.end();
    this.pass = undefined;
  }
}
