/** A shader as somebody has edited it: its includes, and the interface that the new text declares. */
import { ShaderError } from '../../src/errors.ts';
import type { Shader } from '../../src/gpu/shader.ts';

/** Text of files under `shaders/` by their name there, as `common/linear_index.wgsl`. */
export type ShaderFiles = Readonly<Record<string, string>>;

/**
 * The text that the driver gets: includes in place of their lines, each once, with the marks by which
 * compiler messages name a file's own line. What `tools/embed_wgsl.mjs` does when it builds.
 *
 * @throws ShaderError for an include that is not there
 */
export function expandIncludes(
  name: string,
  text: string,
  files: ShaderFiles,
  seen = new Set<string>(),
): string {
  const lines = [`//#file shaders/${name} 1`];
  for (const [index, line] of text.split('\n').entries()) {
    const include = /^\/\/#include "(common\/\w+\.wgsl)"$/.exec(line)?.[1];
    if (!line.startsWith('//#include')) {
      lines.push(line);
      continue;
    }
    const content = include === undefined ? undefined : files[include];
    if (include === undefined || content === undefined) {
      throw new ShaderError(
        `expandIncludes: shaders/${name}:${index + 1} includes nothing that is there. Got '${line}'. Name a file of shaders/common, as //#include "common/linear_index.wgsl".`,
      );
    }
    if (!seen.has(include)) {
      seen.add(include);
      lines.push(expandIncludes(include, content, files, seen));
    }
    lines.push(`//#file shaders/${name} ${index + 2}`);
  }
  return lines.join('\n');
}

function numbers(code: string, pattern: RegExp): Record<string, number> {
  const found: Record<string, number> = {};
  for (const [, name, value] of code.matchAll(pattern)) found[name!] = Number.parseFloat(value!);
  return found;
}

/**
 * The shipped shader with other code. What launchers may set is read from it again; parameters and
 * buffers stay as they are: a launcher fills those.
 *
 * @param edition tells it from other texts of the same shader
 */
export function editedShader(shader: Shader, code: string, edition: string): Shader {
  const sizes = /@workgroup_size\(([^)]*)\)\s*fn main\(/.exec(code)?.[1];
  return {
    ...shader,
    name: `${shader.name}#${edition}`,
    code,
    overrides: numbers(code, /^override (\w+): \w+ = ([-\d.]+)/gm),
    consts: numbers(code, /^const (\w+): u32 = (\d+)u; \/\/ rewritable/gm),
    workgroupSize:
      sizes?.split(',').map((size) => {
        const word = size.trim();
        return /^\d+/.test(word) ? Number.parseInt(word, 10) : word;
      }) ?? shader.workgroupSize,
  };
}
