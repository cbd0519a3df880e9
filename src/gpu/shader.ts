/** A WGSL file with its interface, as `tools/embed_wgsl.mjs` reads it from `shaders/`. */
import { ShaderError } from '../errors.ts';

/** Type of a field of `Params`. */
export type ParamType = 'f32' | 'u32' | 'i32';

/** Type of a tensor's elements. f16 is for storage: kernels compute in f32. */
export type ScalarType = ParamType | 'f16';

/** How activations and their gradients may be stored. */
export type Precision = 'f32' | 'f16';

export interface ShaderBuffer {
  readonly binding: number;
  readonly access: 'read' | 'read_write';
  /** elem: whatever `Precision` its tensor has, the same for all such buffers of the shader. */
  readonly type: ParamType | 'elem';
}

export interface Shader {
  readonly name: string;
  readonly code: string;
  readonly params: Readonly<Record<string, ParamType>>;
  readonly buffers: Readonly<Record<string, ShaderBuffer>>;
  readonly overrides: Readonly<Record<string, number>>;
  readonly consts: Readonly<Record<string, number>>;
  readonly workgroupSize: readonly (number | string)[];
}

/** What varies per layer or device: pipeline `override`s and rewritten `const` lines. */
export interface Specialisation<S extends Shader = Shader> {
  readonly overrides?: { readonly [K in keyof S['overrides']]?: number };
  readonly consts?: { readonly [K in keyof S['consts']]?: number };
}

const ELEM = /^alias elem = f32; \/\/ rewritable$/m;

/**
 * The shader's text with its `// rewritable` lines replaced.
 *
 * @param elem type of its buffers of `elem`. Default f32, the text as written
 * @throws ShaderError for a constant that it does not have
 */
export function specialisedCode(
  shader: Shader,
  consts: Readonly<Record<string, number>>,
  elem: Precision = 'f32',
): string {
  let code = shader.code;
  if (elem === 'f16') code = `enable f16;\n${code.replace(ELEM, 'alias elem = f16;')}`;
  for (const [name, value] of Object.entries(consts)) {
    if (!(name in shader.consts)) {
      throw new ShaderError(
        `specialisedCode: shaders/${shader.name}.wgsl has no rewritable constant. Got '${name}', it has ${Object.keys(shader.consts).join(', ') || 'none'}. Mark the line with '// rewritable'.`,
      );
    }
    code = code.replace(
      new RegExp(`^const ${name}: u32 = \\d+u; // rewritable`, 'm'),
      `const ${name}: u32 = ${value}u;`,
    );
  }
  return code;
}

/** Threads per workgroup, overrides applied. */
export function workgroupThreads(
  shader: Shader,
  overrides: Readonly<Record<string, number>>,
): number {
  return shader.workgroupSize.reduce<number>((threads, size) => {
    const value = typeof size === 'number' ? size : (overrides[size] ?? shader.overrides[size]);
    if (value === undefined) {
      throw new ShaderError(
        `workgroupThreads: shaders/${shader.name}.wgsl sizes its workgroup by '${size}', which is no override. It has ${Object.keys(shader.overrides).join(', ') || 'none'}. Declare it.`,
      );
    }
    return threads * value;
  }, 1);
}

/** `shaders/x.wgsl:line` of a line of the expanded text. */
export function sourceLine(code: string, line: number): string {
  const lines = code.split('\n');
  for (let above = Math.min(line, lines.length) - 1; above >= 0; above--) {
    const mark = /^\/\/#file (\S+) (\d+)$/.exec(lines[above]!);
    if (mark) return `${mark[1]}:${Number(mark[2]) + (line - 1 - above) - 1}`;
  }
  return `line ${line}`;
}
