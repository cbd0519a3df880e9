/** Direct convolutions of boxes in workgroup memory, for GPUs and few channels: conv3d forward and, mirrored, backward. */
import type { Scope } from '../../gpu/scope.ts';
import type { Tensor } from '../../gpu/tensor.ts';
import * as wgsl from '../../gpu/wgsl.generated.ts';
import { type ConvSizes, convOutputShape, convParams, product, type Triple } from '../../shape.ts';
import { sumRows } from '../sum.ts';
import { convFlops } from './conv_flops.ts';
import { packWeight, splitsToFill } from './shared_gemm.ts';
import type { ForwardInputs, Traits } from './variant.ts';

/** Rows that a thread computes. */
const ROWS = 4;
/** Words that a GPU's workgroup memory delivers at once, and threads that ask at once. */
const BANKS = 32;
/** How 128 or 64 threads may lie in a box: [D, H, W]. */
const LANES: readonly Triple[] = [
  [2, 2, 32],
  [4, 2, 16],
  [4, 4, 8],
  [4, 2, 8],
  [4, 4, 4],
];

/** A box of output voxels and how it lies in workgroup memory. */
export interface Box {
  readonly lanes: Triple;
  /** Boxes along each axis. */
  readonly count: Triple;
  /** With what the kernel reaches around it. */
  readonly halo: Triple;
  /** Length of a row in workgroup memory. */
  readonly pitch: number;
}

const threadsOf = (lanes: Triple): number => product(lanes);

/** Most threads of a warp that meet in one bank when each reads the first value of its column. */
export function bankConflicts(lanes: Triple, haloRows: number, pitch: number): number {
  const meeting = new Array<number>(BANKS).fill(0);
  for (let lane = 0; lane < BANKS; lane++) {
    const w = lane % lanes[2];
    const h = Math.floor(lane / lanes[2]) % lanes[1];
    const d = Math.floor(lane / (lanes[2] * lanes[1]));
    meeting[((d * haloRows + h * ROWS) * pitch + w) % BANKS]!++;
  }
  return Math.max(...meeting);
}

function boxOf(lanes: Triple, { output, kernel }: ConvSizes): Box {
  const size: Triple = [lanes[0], lanes[1] * ROWS, lanes[2]];
  const count: Triple = [
    Math.ceil(output[0] / size[0]),
    Math.ceil(output[1] / size[1]),
    Math.ceil(output[2] / size[2]),
  ];
  const halo: Triple = [size[0] + kernel[0] - 1, size[1] + kernel[1] - 1, size[2] + kernel[2] - 1];
  let pitch = halo[2];
  for (let wider = pitch + 1; wider < halo[2] + 8; wider++) {
    const conflicts = bankConflicts(lanes, halo[1], wider);
    if (conflicts < bankConflicts(lanes, halo[1], pitch)) pitch = wider;
  }
  return { lanes, count, halo, pitch };
}

/** The box that wastes least: voxels computed and voxels fetched, over all boxes. */
export function bestBox(sizes: ConvSizes): Box {
  const cost = ({ lanes, count, halo }: Box): number =>
    product(count) * (ROWS * threadsOf(lanes) + product(halo) / 2);
  return LANES.map((lanes) => boxOf(lanes, sizes)).reduce((best, box) =>
    cost(box) < cost(best) ? box : best,
  );
}

const floatsPerChannel = ({ halo, pitch }: Box, taps: number, block: number): number =>
  halo[0] * halo[1] * pitch + taps * block;

const blockFor = (outChannels: number, most: number): number =>
  Math.min(most, 4 * Math.ceil(outChannels / 4));

/** Whether the adapter can hold the box of these sizes, with `most` channels per thread. */
export function fitsHalo(traits: Traits, sizes: ConvSizes, most: number): boolean {
  const { kernel, stride, dilation, outChannels } = sizes;
  if (traits.software) return false;
  if ([...stride, ...dilation].some((value) => value !== 1)) return false;
  // Larger kernels would unroll into too much code, and their weights would fill workgroup memory.
  if (kernel.some((taps) => taps > 3)) return false;
  const box = bestBox(sizes);
  const floats = floatsPerChannel(box, product(kernel), blockFor(outChannels, most));
  return traits.workgroupThreads >= threadsOf(box.lanes) && traits.workgroupBytes >= 4 * floats;
}

/** Floats of workgroup memory that every adapter has; more per workgroup would leave room for fewer of them. */
const FLOATS = 4096;

/**
 * The convolution of `sizes`, whose stride and dilation are 1. Padding may be negative.
 *
 * @param options.mirrored the weight is [Cin, Cout, ...] and its taps are read in reverse
 * @param options.most output channels per thread, 8 or 16
 * @returns [N, Cout, D', H', W'], owned by `scope`
 */
export function runSharedHalo(
  scope: Scope,
  { x, weight, bias }: ForwardInputs,
  sizes: ConvSizes,
  options: { readonly mirrored: boolean; readonly most: number; readonly name: string },
): Tensor {
  using scratch = scope.child();
  const { mirrored, most, name } = options;
  const { batch, inChannels, outChannels, kernel } = sizes;
  const { lanes, count, halo, pitch } = bestBox(sizes);
  const block = blockFor(outChannels, most);
  const perChannel = floatsPerChannel({ lanes, count, halo, pitch }, product(kernel), block);
  const chunk = Math.max(1, Math.min(4, inChannels, Math.floor(FLOATS / perChannel)));
  const groups = batch * Math.ceil(outChannels / block) * product(count);
  // Parts are sums in f32: they cannot share the binding of a result in half precision.
  const splits = x.dtype === 'f32' ? splitsToFill(groups, Math.ceil(inChannels / chunk)) : 1;
  const packed = packWeight(scratch, weight, sizes, { inFirst: mirrored, mirrored });
  const shape = convOutputShape(sizes);
  const y =
    splits === 1
      ? scope.tensor(shape, name, x.dtype)
      : scratch.tensor([...shape, splits], `${name}.partial`);
  scope.dispatch(wgsl.conv3dForwardSharedHalo, {
    params: {
      ...convParams(sizes),
      has_bias: bias ? 1 : 0,
      boxes_d: count[0],
      boxes_h: count[1],
      boxes_w: count[2],
      splits,
    },
    buffers: { x, packed, bias: bias ?? weight, y },
    consts: {
      KERNEL_D: kernel[0],
      KERNEL_H: kernel[1],
      KERNEL_W: kernel[2],
      LANES_D: lanes[0],
      LANES_H: lanes[1],
      LANES_W: lanes[2],
      ROWS,
      BLOCK: block,
      CHUNK: chunk,
      PITCH: pitch,
    },
    overrides: { WORKGROUP_SIZE: threadsOf(lanes) },
    flops: convFlops(sizes),
    workgroups: groups * splits,
  });
  return splits === 1 ? y : sumRows(scope, y, product(shape), 1, shape);
}
