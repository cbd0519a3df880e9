import { describe, expect, test } from 'vitest';
import { ShaderError } from '../../src/errors.ts';
import {
  type Shader,
  sourceLine,
  specialisedCode,
  workgroupThreads,
} from '../../src/gpu/shader.ts';

const shader: Shader = {
  name: 'example',
  code: '//#file shaders/example.wgsl 1\nconst ROWS: u32 = 4u; // rewritable\nfn f() {}',
  params: {},
  buffers: {},
  overrides: { WORKGROUP_SIZE: 64 },
  consts: { ROWS: 4 },
  workgroupSize: ['WORKGROUP_SIZE', 2],
};

describe('specialisedCode', () => {
  test('replaces a rewritable constant', () => {
    expect(specialisedCode(shader, { ROWS: 8 })).toContain('const ROWS: u32 = 8u;');
  });

  test('throws for a constant that the shader does not have and lists those it has', () => {
    expect(() => specialisedCode(shader, { COLUMNS: 8 })).toThrow(ShaderError);
    expect(() => specialisedCode(shader, { COLUMNS: 8 })).toThrow(/'COLUMNS'.*ROWS/);
  });
});

describe('specialisedCode in half precision', () => {
  const code = '//#file shaders/example.wgsl 1\nalias elem = f32; // rewritable\nlet a = elem(1);';

  test('rewrites the alias and enables f16, and leaves f32 as written', () => {
    expect(specialisedCode({ ...shader, code }, {})).toBe(code);
    const half = specialisedCode({ ...shader, code }, {}, 'f16');
    expect(half.startsWith('enable f16;\n')).toBe(true);
    expect(half).toContain('\nalias elem = f16;\n');
  });

  test('keeps the lines that messages name', () => {
    const half = specialisedCode({ ...shader, code }, {}, 'f16');
    const line = half.split('\n').indexOf('let a = elem(1);') + 1;
    expect(sourceLine(half, line)).toBe('shaders/example.wgsl:2');
  });
});

describe('workgroupThreads', () => {
  test('multiplies literal sizes and overrides', () => {
    expect(workgroupThreads(shader, {})).toBe(128);
    expect(workgroupThreads(shader, { WORKGROUP_SIZE: 8 })).toBe(16);
  });
});

describe('sourceLine', () => {
  test('names the line of the file that the author sees, through includes', () => {
    const code = [
      '//#file shaders/a.wgsl 1',
      'line a1',
      '//#file shaders/common/b.wgsl 1',
      'line b1',
      'line b2',
      '//#file shaders/a.wgsl 3',
      'line a3',
    ].join('\n');
    expect(sourceLine(code, 2)).toBe('shaders/a.wgsl:1');
    expect(sourceLine(code, 5)).toBe('shaders/common/b.wgsl:2');
    expect(sourceLine(code, 7)).toBe('shaders/a.wgsl:3');
  });
});
