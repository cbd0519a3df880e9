import { describe, expect, test } from 'vitest';
import { GpuError, ShapeError } from '../../src/errors.ts';
import { checkBuffers, foldGrid, packParams } from '../../src/gpu/dispatch.ts';
import { DryGpu } from '../../src/gpu/dry_gpu.ts';
import type { Shader } from '../../src/gpu/shader.ts';
import type { Tensor } from '../../src/gpu/tensor.ts';
import * as wgsl from '../../src/gpu/wgsl.generated.ts';

describe('foldGrid', () => {
  test.each([
    { workgroups: 1, grid: [1, 1] },
    { workgroups: 65535, grid: [65535, 1] },
    { workgroups: 65536, grid: [32768, 2] },
    { workgroups: 200_000, grid: [50_000, 4] },
  ])('covers $workgroups workgroups', ({ workgroups, grid }) => {
    expect(foldGrid(workgroups, 65535)).toEqual(grid);
  });

  test('refuses a grid beyond both dimensions with the numbers', () => {
    expect(() => foldGrid(101, 10)).toThrow(GpuError);
    expect(() => foldGrid(101, 10)).toThrow(/101 workgroups, the adapter runs 100/);
  });
});

describe('checkBuffers', () => {
  const shader: Shader = {
    name: 'example',
    code: '',
    params: {},
    buffers: {
      x: { binding: 1, access: 'read', type: 'elem' },
      weight: { binding: 2, access: 'read', type: 'f32' },
      y: { binding: 3, access: 'read_write', type: 'elem' },
    },
    overrides: {},
    consts: {},
    workgroupSize: [1],
  };
  const gpu = new DryGpu();
  const [full, half, whole] = (['f32', 'f16', 'u32'] as const).map((dtype) =>
    gpu.tensor([2, 3], dtype, dtype),
  ) as [Tensor, Tensor, Tensor];

  test('takes the element type from the tensors that may have either', () => {
    expect(checkBuffers(shader, { x: full, weight: full, y: full })).toBe('f32');
    expect(checkBuffers(shader, { x: half, weight: full, y: half })).toBe('f16');
    expect(checkBuffers(wgsl.fill, { y: full })).toBe('f32');
  });

  test('refuses tensors that do not agree, and names them', () => {
    const mixed = { x: half, weight: full, y: full };
    expect(() => checkBuffers(shader, mixed)).toThrow(ShapeError);
    expect(() => checkBuffers(shader, mixed)).toThrow(
      /reads x, y as one type. Got 'f16' \[2,3\] of f16, 'f32' \[2,3\] of f32/,
    );
  });

  test('refuses half precision where a shader reads f32, and whole numbers as activations', () => {
    expect(() => checkBuffers(shader, { x: half, weight: half, y: half })).toThrow(
      /reads weight as f32. Got 'f16'/,
    );
    expect(() => checkBuffers(shader, { x: whole, weight: full, y: whole })).toThrow(
      /reads x as f32 or f16/,
    );
  });
});

describe('packParams', () => {
  test('writes integers and floats at the positions of the struct, padded to 16 bytes', () => {
    const words = packParams(wgsl.sumRows, { rows: 2, columns: 3, scale: 0.5 });
    expect([...words.subarray(0, 2)]).toEqual([2, 3]);
    expect(new Float32Array(words.buffer)[2]).toBe(0.5);
    expect(words.byteLength).toBe(16);
  });

  test('refuses fractions and negative numbers where the shader counts', () => {
    expect(() => packParams(wgsl.sumRows, { rows: 1.5, columns: 3, scale: 1 })).toThrow(ShapeError);
    expect(() => packParams(wgsl.sumRows, { rows: -1, columns: 3, scale: 1 })).toThrow(
      /rows as u32/,
    );
  });
});
