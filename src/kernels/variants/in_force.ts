/** The choices in force by name, defaults included: what a run records, so that a resume computes the same bits. */
import { type ChosenNames, type Problem, problemKey } from '../../gpu/choices.ts';
import type { Gpu } from '../../gpu/device.ts';
import { chooseVariant } from './choose.ts';
import { type ConvOp, type ConvPass, VARIANTS } from './registry.ts';

/** The kernel that runs each of `problems`. Default: all that were computed so far. */
export function kernelsInForce(
  gpu: Gpu,
  problems: readonly Problem[] = gpu.choices.asked,
): ChosenNames {
  const names = problems.map((problem) => {
    const variants = VARIANTS[problem.op as ConvOp][problem.pass as ConvPass];
    return [problemKey(problem), chooseVariant(gpu, variants, problem).name] as const;
  });
  return Object.fromEntries(names);
}

/** The names among recorded ones that no kernel of this version has. Their default runs instead. */
export function unknownKernels(recorded: ChosenNames): string[] {
  const unknown = new Set<string>();
  for (const [key, name] of Object.entries(recorded)) {
    const [op, pass] = key.split(' ');
    const variants = VARIANTS[op as ConvOp]?.[pass as ConvPass] ?? [];
    if (!variants.some((variant) => variant.name === name)) unknown.add(`${op} ${pass} ${name}`);
  }
  return [...unknown];
}
