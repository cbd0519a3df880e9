/** What a variant of an op's pass is: one of several kernels that compute the same. */
import type { Gpu } from '../../gpu/device.ts';
import type { Scope } from '../../gpu/scope.ts';
import type { ScalarType } from '../../gpu/shader.ts';
import type { Tensor } from '../../gpu/tensor.ts';
import type { ConvSizes } from '../../shape.ts';

/** What, besides the sizes, decides whether a kernel can run and makes sense. */
export interface Traits {
  /** The adapter is a processor: no workgroup memory worth the name, few threads, vectors of 8. */
  readonly software: boolean;
  /**
   * The driver takes minutes to compile kernels that keep many matrices in registers, and a browser
   * then gives up the device: SwiftShader, which Chromium has where there is no GPU.
   */
  readonly slowCompiler: boolean;
  readonly subgroups: boolean;
  /** Lanes that every subgroup has at least; 0 without subgroups. */
  readonly subgroupMinSize: number;
  readonly f16: boolean;
  /** Bytes that a workgroup may share. */
  readonly workgroupBytes: number;
  /** Threads that a workgroup may have. */
  readonly workgroupThreads: number;
  /** Of the activations. */
  readonly dtype: ScalarType;
}

export function traitsOf({ info, device }: Gpu, dtype: ScalarType): Traits {
  return {
    software: info.isFallbackAdapter === true,
    slowCompiler: info.architecture === 'swiftshader',
    subgroups: device.features.has('subgroups'),
    subgroupMinSize: device.features.has('subgroups') ? info.subgroupMinSize : 0,
    f16: device.features.has('shader-f16'),
    workgroupBytes: device.limits.maxComputeWorkgroupStorageSize,
    workgroupThreads: device.limits.maxComputeInvocationsPerWorkgroup,
    dtype,
  };
}

/**
 * One kernel of an op's pass. A pass has an ordered list of them: the first that suits is the
 * default, the last is `naive` and suits always.
 */
export interface Variant<Inputs> {
  /** Unique in its list. Run folders and caches hold it: a kernel that computes other bits gets another. */
  readonly name: string;
  readonly suits: (traits: Traits, sizes: ConvSizes) => boolean;
  /** The result belongs to `scope`; the shapes are checked. */
  readonly run: (scope: Scope, inputs: Inputs, sizes: ConvSizes) => Tensor;
}

export interface ForwardInputs {
  readonly x: Tensor;
  readonly weight: Tensor;
  readonly bias: Tensor | null;
}

export interface BackwardInputInputs {
  readonly weight: Tensor;
  readonly dy: Tensor;
}

export interface BackwardWeightInputs {
  readonly x: Tensor;
  readonly dy: Tensor;
}

/** Everything that a pass of a convolution may read. */
export type ConvInputs = ForwardInputs & BackwardInputInputs & BackwardWeightInputs;
