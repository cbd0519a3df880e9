/** A WGSL file with its interface, as `tools/embed_wgsl.mjs` reads it from `shaders/`. */
import { ShaderError } from '../errors.ts';

export type ScalarType = 'f32' | 'u32' | 'i32';

export interface ShaderBuffer {
  readonly binding: number;
  readonly access: 'read' | 'read_write';
  readonly type: ScalarType;
}

export interface Shader {
  readonly name: string;
  readonly code: string;
  readonly params: Readonly<Record<string, ScalarType>>;
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

/** The shader's text with its `// rewritable` constants replaced. Throws ShaderError for an unknown name. */
export function specialisedCode(shader: Shader, consts: Readonly<Record<string, number>>): string {
  let code = shader.code;
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
