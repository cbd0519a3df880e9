/** One volume under way on one device. */
import { Tape } from '../autograd/tape.ts';
import { GpuError } from '../errors.ts';
import type { Gpu } from '../gpu/device.ts';
import type { Precision } from '../gpu/shader.ts';
import type { Volume } from '../io/volume.ts';
import type { Module } from '../nn/module.ts';
import { copyPatch, type PatchLocation } from '../patch/location.ts';
import { reverseAxes } from '../patch/transforms/flip.ts';
import { product, showShape } from '../shape.ts';
import type { InferencePlan } from './inference_plan.ts';
import type { InferenceState, Resumption, SavedSlab } from './inference_recovery.ts';
import type { View } from './mirror_views.ts';
import { patchProbabilities } from './patch_probabilities.ts';
import { type Slab, SlabAggregator } from './slab_aggregator.ts';
import { finishSlab, type SlabResult } from './slab_result.ts';
import { ViewBlender } from './view_blender.ts';

/** Receives the slabs of a volume from the GPU. */
export interface SlabSink {
  readonly kind: SlabResult;
  /** Called once. @param channels of the network */
  begin(channels: number): void;
  /** @param values of the slab's rows; the same again after a loss */
  store(values: Float32Array | Uint32Array, slab: Slab): void;
}

export interface InferencePassOptions {
  readonly gpu: Gpu;
  readonly model: Module;
  readonly input: Volume;
  readonly plan: InferencePlan;
  readonly sink: SlabSink;
  readonly precision?: Precision | undefined;
  readonly state: InferenceState;
  readonly from: Resumption;
}

/** Patches of one forward pass, mirrored as the view says. */
function cutPatches(
  input: Volume,
  locations: readonly PatchLocation[],
  view: View,
): { data: Float32Array; shape: number[] } {
  const { size } = locations[0]!;
  const perPatch = input.shape[0] * product(size);
  const patches = new Float32Array(locations.length * perPatch);
  locations.forEach((location, n) => {
    copyPatch(input, location, patches, n * perPatch);
  });
  const blocks = locations.length * input.shape[0];
  return {
    data: reverseAxes(patches, [blocks, ...size], view),
    shape: [locations.length, input.shape[0], ...size],
  };
}

export class InferencePass {
  private readonly options: InferencePassOptions;
  private aggregator: SlabAggregator | undefined;
  private blender: ViewBlender | undefined;

  constructor(options: InferencePassOptions) {
    this.options = options;
  }

  /** Records one forward pass and the sums of its patches; the GPU begins. */
  add(batch: readonly PatchLocation[], view: View): Promise<void> {
    const { gpu, model, input, precision } = this.options;
    using tape = new Tape(gpu, { recording: false });
    const { data, shape } = cutPatches(input, batch, view);
    const patches = tape.upload(data, shape, 'patches');
    const probabilities = patchProbabilities(tape, model, patches, precision);
    if (!this.aggregator) this.begin(probabilities.shape[1]!);
    this.blender!.add(probabilities, batch, view);
    const done = gpu.sync();
    // Awaited one batch later; a failure until then must not count as unhandled.
    done.catch(() => undefined);
    return done;
  }

  /** Reads back all rows that no patch will reach that begins at `row` or behind it. */
  read(row: number): Promise<void>[] {
    return this.aggregator!.take(row).map((slab) => {
      const reading = this.readSlab(slab);
      reading.catch(() => undefined);
      return reading;
    });
  }

  /** Of the sums that are not finished. */
  get openBytes(): number {
    return this.aggregator!.bytes;
  }

  /** The first row that is not finished. */
  get openRow(): number {
    return this.aggregator!.row;
  }

  /** The sums that are not finished, one slab at a time: that is what is read through. */
  async readOpen(): Promise<SavedSlab[]> {
    const saved: SavedSlab[] = [];
    for (const { first, sums } of this.aggregator!.open) {
      saved.push({ first, sums: await this.options.gpu.read(sums) });
    }
    return saved;
  }

  dispose(): void {
    this.blender?.dispose();
    this.aggregator?.dispose();
  }

  private begin(channels: number): void {
    const { gpu, plan, sink, state, from } = this.options;
    const aggregator = new SlabAggregator(gpu, { ...plan.aggregation, channels, row: from.row });
    this.aggregator = aggregator;
    this.blender = new ViewBlender(gpu, aggregator, plan.views);
    for (const { first, sums } of from.slabs) aggregator.restore(first, sums);
    if (state.channels !== undefined) return;
    state.channels = channels;
    sink.begin(channels);
  }

  private async readSlab(slab: Slab): Promise<void> {
    const { gpu, sink, input, state } = this.options;
    const scope = gpu.scope();
    const { result, broken } = finishSlab(scope, slab.sums, sink.kind);
    const reading = [gpu.read<'f32' | 'u32'>(result), gpu.read(broken)] as const;
    // The copies are recorded: whatever gets this memory next comes after them.
    scope[Symbol.dispose]();
    this.aggregator!.release(slab);
    const [values, [count]] = await Promise.all(reading);
    if (count !== 0) {
      throw new GpuError(
        `slidingWindow: the network's output is not finite. ${count} sums of rows ${slab.first} to ${slab.first + slab.rows - 1} of ${showShape(input.shape)} [C,I,J,K]. Check the image for NaN, and the model file.`,
      );
    }
    sink.store(values, slab);
    state.store(slab.first, slab.rows);
  }
}
