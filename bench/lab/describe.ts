/** What a launch would dispatch, without a GPU doing it: shaders, and the numbers that it sets. */
import type { Gpu } from '../../src/gpu/device.ts';
import { DryGpu } from '../../src/gpu/dry_gpu.ts';
import type { Precision } from '../../src/gpu/shader.ts';
import { type Check, Inputs } from '../checks/check.ts';
import { type Dispatched, EditedScope } from './edited_scope.ts';

export interface Description {
  /** Names of the kernels that suit the adapter and the sizes, `shipped` first. */
  readonly variants: readonly string[];
  /** In the order of the launch, each shader once. */
  readonly dispatched: readonly Dispatched[];
}

/** @param variant one that the check does not have stands for `shipped` */
export function describeLaunch(
  gpu: Gpu,
  check: Check,
  variant: string,
  precision: Precision,
): Description {
  const dry = new DryGpu(gpu);
  using scope = dry.scope();
  const { variants } = check.setUp(new Inputs(scope, precision));
  const shaders = new Map<string, Dispatched>();
  const onDispatch = (dispatched: Dispatched): void => {
    const { name } = dispatched.shader;
    if (!shaders.has(name)) shaders.set(name, dispatched);
  };
  const launch = variants[variant] ?? variants.shipped;
  launch(new EditedScope(scope, { onDispatch }));
  return { variants: Object.keys(variants), dispatched: [...shaders.values()] };
}
