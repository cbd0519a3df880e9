import { expect } from 'vitest';
import { type Problem, problemKey } from '../../src/gpu/choices.ts';
import type { Gpu } from '../../src/gpu/device.ts';
import {
  ChoiceCache,
  type ChoiceStore,
  type StoredChoice,
} from '../../src/kernels/tuning/choice_cache.ts';
import { KernelTexts, kernelsOf } from '../../src/kernels/tuning/kernel_text.ts';
import { type ConvOp, type ConvPass, VARIANTS } from '../../src/kernels/variants/registry.ts';
import { traitsOf } from '../../src/kernels/variants/variant.ts';

/** A store in memory. */
export class MemoryStore implements ChoiceStore {
  readonly place = 'memory';
  text: string | undefined;
  saves = 0;

  async load(): Promise<string | undefined> {
    return this.text;
  }

  async save(text: string): Promise<void> {
    this.text = text;
    this.saves++;
  }
}

/** Stores the naive kernel as the fastest for each of `problems`, as if it had been measured. */
export async function storeNaive(
  gpu: Gpu,
  store: ChoiceStore,
  problems: readonly Problem[],
): Promise<void> {
  const texts = new KernelTexts();
  const entries: Record<string, StoredChoice> = {};
  for (const problem of problems) {
    const { op, pass, dtype, sizes } = problem;
    const candidates = VARIANTS[op as ConvOp][pass as ConvPass]
      .filter(({ suits }) => suits(traitsOf(gpu, dtype), sizes))
      .map((variant) => ({ name: variant.name, kernels: kernelsOf(gpu, problem, variant) }));
    const kernels = await texts.hash(candidates);
    const key = problemKey({ ...problem, sizes: { ...sizes, batch: 1 } });
    entries[key] = { variant: 'naive', kernels, gain: 2 };
  }
  await new ChoiceCache(store, gpu, expect.unreachable).add(entries);
}
