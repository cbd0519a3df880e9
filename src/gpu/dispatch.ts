/** From a shader's interface and numbers to bytes and grids. */
import { GpuError, ShapeError } from '../errors.ts';
import { showShape } from '../shape.ts';
import { type Precision, type Shader, type Specialisation, workgroupThreads } from './shader.ts';
import type { Tensor } from './tensor.ts';

/**
 * Everything one dispatch needs. The grid is a line of `threads` or of `workgroups`; a shader finds
 * its place on it with `linear_workgroup` of `shaders/common/linear_index.wgsl`.
 */
export type DispatchArguments<S extends Shader> = Specialisation<S> & {
  readonly params: { readonly [K in keyof S['params']]: number };
  readonly buffers: { readonly [K in keyof S['buffers']]: Tensor };
  /**
   * Multiplications and additions, for predicting how long the kernel takes. Default: none, as of a
   * kernel that waits for memory.
   */
  readonly flops?: number;
} & ({ readonly threads: number } | { readonly workgroups: number });

/** The uniform block: four bytes per field, padded to 16. */
export function packParams(
  shader: Shader,
  values: Readonly<Record<string, number>>,
): Uint32Array<ArrayBuffer> {
  const names = Object.keys(shader.params);
  const words = new Uint32Array(Math.max(4, Math.ceil(names.length / 4) * 4));
  const floats = new Float32Array(words.buffer);
  names.forEach((name, index) => {
    const value = values[name]!;
    const type = shader.params[name];
    if (type !== 'f32' && (!Number.isInteger(value) || (type === 'u32' && value < 0))) {
      throw new ShapeError(
        `packParams: shaders/${shader.name}.wgsl takes ${name} as ${type}. Got ${value}. Pass a whole number.`,
      );
    }
    if (type === 'f32') floats[index] = value;
    else words[index] = value;
  });
  return words;
}

const describe = ({ name, shape, dtype }: Tensor): string =>
  `'${name}' ${showShape(shape)} of ${dtype}`;

/**
 * Checks that each tensor has the element type that its binding declares.
 *
 * @returns type of the bindings of `elem`; f32 if there are none
 * @throws ShapeError for a tensor of another type, or for tensors of `elem` that do not agree
 */
export function checkBuffers(shader: Shader, buffers: Readonly<Record<string, Tensor>>): Precision {
  let elem: Precision | undefined;
  for (const [name, { type }] of Object.entries(shader.buffers)) {
    const tensor = buffers[name]!;
    const { dtype } = tensor;
    if (type !== 'elem') {
      if (dtype === type) continue;
      throw new ShapeError(
        `dispatch: shaders/${shader.name}.wgsl reads ${name} as ${type}. Got ${describe(tensor)}. Convert it.`,
      );
    }
    if (dtype !== 'f32' && dtype !== 'f16') {
      throw new ShapeError(
        `dispatch: shaders/${shader.name}.wgsl reads ${name} as f32 or f16. Got ${describe(tensor)}. Convert it.`,
      );
    }
    elem ??= dtype;
    if (dtype === elem) continue;
    const all = Object.entries(shader.buffers).filter(([, buffer]) => buffer.type === 'elem');
    throw new ShapeError(
      `dispatch: shaders/${shader.name}.wgsl reads ${all.map(([each]) => each).join(', ')} as one type. Got ${all.map(([each]) => describe(buffers[each]!)).join(', ')}. Cast them to f32 or to f16.`,
    );
  }
  return elem ?? 'f32';
}

/** Workgroups in x and y for a line of them; more than `limit` are folded into rows. */
export function foldGrid(workgroups: number, limit: number): [number, number] {
  const rows = Math.ceil(workgroups / limit);
  if (rows > limit) {
    throw new GpuError(
      `foldGrid: the grid is too long. It has ${workgroups} workgroups, the adapter runs ${limit * limit}. Use a smaller patch or batch.`,
    );
  }
  return [Math.ceil(workgroups / rows), rows];
}

/** Length of the grid in workgroups. */
export function gridLength<S extends Shader>(shader: S, args: DispatchArguments<S>): number {
  if ('workgroups' in args) return args.workgroups;
  return Math.ceil(
    args.threads / workgroupThreads(shader, (args.overrides ?? {}) as Record<string, number>),
  );
}
