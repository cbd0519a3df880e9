/**
 * The autotuner: for every pass of every convolution that a computation asks for, the fastest of its
 * kernels on this adapter. Every candidate is held to the naive kernel before it may win, and what
 * was chosen once is remembered.
 */
import { type ChosenNames, type Problem, problemKey } from '../../gpu/choices.ts';
import type { Gpu } from '../../gpu/device.ts';
import { convFlops } from '../variants/conv_flops.ts';
import { type ConvOp, type ConvPass, VARIANTS } from '../variants/registry.ts';
import { traitsOf } from '../variants/variant.ts';
import { ChoiceCache, type ChoiceStore, type StoredChoice } from './choice_cache.ts';
import { KernelTexts, kernelsOf } from './kernel_text.ts';
import { type Candidate, tuneProblem } from './tune_problem.ts';
import { TuningDevice } from './tuning_device.ts';
import { convElements } from './work.ts';

export interface TuneOptions {
  /**
   * Opens another device on the same adapter; kernels are tried there. Without it nothing is
   * measured, only what is stored is used.
   */
  readonly open?: () => Promise<Gpu>;
  /** Where choices are kept. Default: nowhere. */
  readonly store?: ChoiceStore;
  /** Seconds after which no further problem is begun: what is left keeps its default. Default 120. */
  readonly maxSeconds?: number;
  readonly signal?: AbortSignal;
  /** Called before each problem that is measured, and when all are. */
  readonly onProgress?: (done: number, total: number, note: string) => void;
  /** Is told what a user may want to know, as sentences. */
  readonly onNote?: (note: string) => void;
}

export interface Tuning {
  /** The choices in force for these problems, defaults left out. */
  readonly chosen: ChosenNames;
  /** Problems with a choice to make, and how it was made. */
  readonly measured: number;
  readonly stored: number;
  /** Too small to matter, or out of time. */
  readonly left: number;
  readonly seconds: number;
}

/** A run of less takes well below a millisecond, and most of that is not the kernel. */
const LEAST_FLOPS = 8e6;
/** Problems that together are below this part of the work are not worth the time. */
const TAIL = 0.01;

/** Problems that differ in their batch alone: chosen together, measured with the largest. */
interface Group {
  /** What is chosen for: the key with batch 1. */
  readonly kind: string;
  readonly problems: readonly Problem[];
  readonly largest: Problem;
  readonly candidates: readonly Candidate[];
  readonly hash: string;
}

/** A prediction for the order of things: neither arithmetic nor memory alone. */
const workOf = ({ sizes }: Problem): number => convFlops(sizes) + 10 * convElements(sizes);

/** The kernels that may run a problem, in the order of the registry. */
function candidatesOf(gpu: Gpu, problem: Problem, onNote: (note: string) => void): Candidate[] {
  const { op, pass, dtype, sizes } = problem;
  const traits = traitsOf(gpu, dtype);
  const candidates: Candidate[] = [];
  for (const variant of VARIANTS[op as ConvOp][pass as ConvPass]) {
    if (!variant.suits(traits, sizes)) continue;
    try {
      candidates.push({ variant, kernels: kernelsOf(gpu, problem, variant) });
    } catch (error) {
      // Such as scratch that is larger than a binding may be.
      const reason = (error as Error).message;
      onNote(`${problemKey(problem)}: ${variant.name} is struck out: ${reason}`);
    }
  }
  return candidates;
}

async function groupsOf(
  gpu: Gpu,
  problems: readonly Problem[],
  onNote: (note: string) => void,
): Promise<Group[]> {
  const byKind = new Map<string, Problem[]>();
  for (const problem of problems) {
    const kind = problemKey({ ...problem, sizes: { ...problem.sizes, batch: 1 } });
    byKind.set(kind, [...(byKind.get(kind) ?? []), problem]);
  }
  const texts = new KernelTexts();
  const groups: Group[] = [];
  for (const [kind, alike] of byKind) {
    const largest = alike.reduce((a, b) => (b.sizes.batch > a.sizes.batch ? b : a));
    const candidates = candidatesOf(gpu, largest, onNote);
    if (candidates.length < 2) continue;
    const named = candidates.map(({ variant, kernels }) => ({ name: variant.name, kernels }));
    groups.push({ kind, problems: alike, largest, candidates, hash: await texts.hash(named) });
  }
  return groups.sort((a, b) => workOf(b.largest) - workOf(a.largest));
}

/** Without the many small ones at the end of the list. @param groups the largest first */
function worthwhile(groups: readonly Group[]): Group[] {
  let rest = groups.reduce((sum, { largest }) => sum + workOf(largest), 0);
  const tail = TAIL * rest;
  return groups.filter(({ largest }) => {
    const isWorth = rest > tail && convFlops(largest.sizes) >= LEAST_FLOPS;
    rest -= workOf(largest);
    return isWorth;
  });
}

/**
 * Chooses for `problems` and puts the choices in force on `gpu`. A problem whose choice is stored,
 * for this adapter, driver, and text of all kernels concerned, is not measured again; a refused
 * verdict is stored as the default, so that later runs choose the same.
 *
 * @param problems such as `Choices.asked` of a `DryGpu` like `gpu` that ran the computation
 * @throws the signal's reason when it is aborted; choices made by then are stored
 */
export async function tune(
  gpu: Gpu,
  problems: readonly Problem[],
  options: TuneOptions = {},
): Promise<Tuning> {
  const { open, store, maxSeconds = 120, signal, onProgress, onNote = () => undefined } = options;
  const started = performance.now();
  const seconds = (): number => (performance.now() - started) / 1000;
  const groups = await groupsOf(gpu, problems, onNote);
  const cache = store && new ChoiceCache(store, gpu, onNote);
  const known = (await cache?.read()) ?? {};
  const decided = new Map<Group, string>();
  for (const group of groups) {
    const entry = known[group.kind];
    const isThere = group.candidates.some(({ variant }) => variant.name === entry?.variant);
    if (entry && isThere && entry.kernels === group.hash) decided.set(group, entry.variant);
  }
  await withoutBroken(gpu, decided, onNote);
  const stored = decided.size;
  const missing = open ? worthwhile(groups).filter((group) => !decided.has(group)) : [];
  const fresh: Record<string, StoredChoice> = {};
  const devices = new TuningDevice(open ?? (async () => gpu));
  try {
    for (const [index, group] of missing.entries()) {
      signal?.throwIfAborted();
      if (seconds() > maxSeconds) break;
      const { kind, largest: problem, candidates, hash } = group;
      onProgress?.(index, missing.length, `${problem.op} ${problem.pass}`);
      const note = (text: string): void => onNote(`${problemKey(problem)}: ${text}`);
      try {
        const verdict = await tuneProblem({ devices, problem, signal, onNote: note }, candidates);
        decided.set(group, verdict.name);
        fresh[kind] = { variant: verdict.name, kernels: hash, gain: verdict.gain };
      } catch (error) {
        signal?.throwIfAborted();
        note(`not measured: ${(error as Error).message}`);
        await devices.recover();
      }
    }
    onProgress?.(missing.length, missing.length, '');
  } finally {
    devices.close();
    if (Object.keys(fresh).length > 0) await cache?.add(fresh);
  }
  const chosen: Record<string, string> = {};
  for (const [{ problems: alike, candidates }, name] of decided) {
    if (name === candidates[0]!.variant.name) continue;
    for (const problem of alike) chosen[problemKey(problem)] = name;
  }
  gpu.choices.use(chosen);
  const measured = decided.size - stored;
  return { chosen, measured, stored, left: groups.length - decided.size, seconds: seconds() };
}

/** Compiles what is stored, all at once, and drops what does not compile any more. */
async function withoutBroken(
  gpu: Gpu,
  decided: Map<Group, string>,
  onNote: (note: string) => void,
): Promise<void> {
  const kernelsFor = (group: Group, name: string) =>
    group.candidates.find(({ variant }) => variant.name === name)!.kernels;
  const all = [...decided].flatMap(([group, name]) => kernelsFor(group, name));
  try {
    await gpu.prepare(all);
    return;
  } catch {
    // Which one it is shows below.
  }
  for (const [group, name] of decided) {
    try {
      await gpu.prepare(kernelsFor(group, name));
    } catch (error) {
      onNote(`${problemKey(group.largest)}: ${name} is not used: ${(error as Error).message}`);
      decided.delete(group);
    }
  }
}
