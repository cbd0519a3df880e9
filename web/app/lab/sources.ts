/** The files that the lab shows, as they lie in the repository. */
import { expandIncludes } from '../../../bench/lab/shader_text.ts';

const byName = (files: Record<string, string>, folder: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(files).map(([path, content]) => [
      path.slice(path.indexOf(folder) + folder.length),
      content,
    ]),
  );

const SHADERS = byName(
  import.meta.glob<string>('../../../shaders/**/*.wgsl', {
    query: '?raw',
    import: 'default',
    eager: true,
  }),
  '/shaders/',
);
const FOLDERS = {
  'src/reference': byName(
    import.meta.glob<string>('../../../src/reference/*.ts', {
      query: '?raw',
      import: 'default',
      eager: true,
    }),
    '/reference/',
  ),
  'src/kernels': byName(
    import.meta.glob<string>('../../../src/kernels/*.ts', {
      query: '?raw',
      import: 'default',
      eager: true,
    }),
    '/kernels/',
  ),
  'src/autograd': byName(
    import.meta.glob<string>('../../../src/autograd/*.ts', {
      query: '?raw',
      import: 'default',
      eager: true,
    }),
    '/autograd/',
  ),
};

/** `conv3d_forward_naive` -> the file's text. */
export const shaderText = (name: string): string => SHADERS[`${name}.wgsl`] ?? '';

/** Names of an op's shaders by their files' names: what is shown where nothing can be asked. */
export function shadersOf(op: string, pass: string): string[] {
  const names = Object.keys(SHADERS)
    .filter((file) => !file.startsWith('common/'))
    .map((file) => file.replace(/\.wgsl$/, ''));
  const exact = names.filter((name) => name.startsWith(`${op}_${pass}`));
  return exact.length > 0 ? exact : names.filter((name) => name.startsWith(`${op}_`));
}

/** What the driver gets of an edited text. Throws ShaderError for an include that is not there. */
export const withIncludes = (name: string, edited: string): string =>
  expandIncludes(`${name}.wgsl`, edited, SHADERS);

/** The comment at the head of a shader: formula, shapes, which thread does what. */
export function headerOf(name: string): string {
  const lines = shaderText(name).split('\n');
  const end = lines.findIndex((line) => !line.startsWith('// ') && line !== '//');
  return lines
    .slice(0, end)
    .map((line) => line.replace(/^\/\/ ?/, ''))
    .join('\n');
}

export interface SourceFile {
  readonly title: string;
  readonly path: string;
  readonly text: string;
}

/** The files of an op that stand beside its shaders. */
export function sourcesOf(op: string): SourceFile[] {
  const titles = {
    'src/reference': 'Plain loops',
    'src/kernels': 'Launcher',
    'src/autograd': 'Gradient rule',
  } as const;
  return Object.entries(FOLDERS).flatMap(([folder, files]) => {
    const content = files[`${op}.ts`];
    if (content === undefined) return [];
    const title = titles[folder as keyof typeof titles];
    return [{ title, path: `${folder}/${op}.ts`, text: content }];
  });
}

/** Where else an op's name leads, as paths. */
export function furtherFilesOf(op: string): string[] {
  const hasRule = FOLDERS['src/autograd'][`${op}.ts`] !== undefined;
  return [
    `bench/checks/${op}.check.ts`,
    `tests/kernels/${op}.test.ts`,
    ...(hasRule ? [`tests/autograd/${op}.test.ts`] : []),
  ];
}
