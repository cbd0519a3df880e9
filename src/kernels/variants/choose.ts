/** Which variant of a pass runs: the one chosen for the GPU, or the first that suits. */
import type { Problem } from '../../gpu/choices.ts';
import type { Gpu } from '../../gpu/device.ts';
import { traitsOf, type Variant } from './variant.ts';

/**
 * The variant of `variants` for `problem`. A choice that names no variant, or one that does not
 * suit, is passed over: it may come from a file.
 */
export function chooseVariant<Inputs>(
  gpu: Gpu,
  variants: readonly Variant<Inputs>[],
  problem: Problem,
): Variant<Inputs> {
  const traits = traitsOf(gpu, problem.dtype);
  const suits = (variant: Variant<Inputs>): boolean => variant.suits(traits, problem.sizes);
  const name = gpu.choices.lookup(problem);
  const chosen = variants.find((variant) => variant.name === name);
  return chosen && suits(chosen) ? chosen : variants.find(suits)!;
}
