/** Keeps the file system honest: layers, mirror files, shader use, file length. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Paths from the root with forward slashes; folders that are not there hold no files. */
function filesUnder(folder: string, pattern: RegExp): string[] {
  let names: string[];
  try {
    names = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  } catch {
    return [];
  }
  return names
    .map((name) => posix.join(folder, name.replaceAll('\\', '/')))
    .filter((path) => pattern.test(path) && !path.includes('node_modules/'))
    .sort();
}

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const generated = 'src/gpu/wgsl.generated.ts';
/** What is built and shipped: the library with its command line, and the benchmark. */
const sources = [...filesUnder('src', /\.ts$/), ...filesUnder('bench', /\.ts$/)].filter(
  (path) => path !== generated && !path.startsWith('bench/peers/'),
);
const stemsOf = (folder: string): string[] =>
  filesUnder(folder, /^src\/[a-z]+\/[a-z0-9_]+\.ts$/).map((path) => posix.basename(path, '.ts'));
const exists = new Set([
  ...sources,
  ...filesUnder('bench/peers', /\.ts$/),
  ...filesUnder('tests', /\.test\.ts$/),
  ...filesUnder('shaders', /\.wgsl$/),
]);

/** Leaves that any folder may import. */
const LEAVES = ['errors', 'shape', 'rng', 'dispose'];
const LIBRARY = ['gpu', 'kernels', 'autograd', 'nn', 'io', 'patch', 'train'];

/** Folder (or file in src/) -> what it may import besides the leaves and itself. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  dispose: [],
  errors: [],
  shape: [],
  rng: [],
  reference: [],
  gpu: [],
  io: [],
  kernels: ['gpu'],
  autograd: ['kernels', 'gpu'],
  nn: ['autograd', 'gpu'],
  patch: ['io'],
  train: LIBRARY,
  browser: LIBRARY,
  index: [...LIBRARY, 'browser'],
  worker: ['browser'],
  node: ['index', ...LIBRARY],
  bench: [...LIBRARY, 'browser', 'reference'],
  cli: ['node', 'train', 'patch', 'io', 'reference', 'bench'],
};

/** npm packages by folder; nothing else may be imported, and no built-in of Node. */
const PACKAGES: Record<string, RegExp> = {
  io: /^(fflate|nifti-reader-js|zod)$/,
  kernels: /^zod$/,
  patch: /^zod$/,
  train: /^zod$/,
  node: /^(node:.+|webgpu|vega|vega-lite|@resvg\/resvg-js|fast-png|dejavu-fonts-ttf|zod|tar-stream|undici|protobufjs.*|@aws-crypto\/crc32c)$/,
  cli: /^(node:.+|commander|cli-progress|zod)$/,
  web: /^(fflate|@niivue\/(niivue|dcm2niix)|uplot|vite)$/,
};

/** `src/io/nifti.ts` -> `io`, `src/node.ts` and `src/node/dawn.ts` -> `node`, `bench/...` -> `bench`. */
const folderOf = (path: string): string =>
  path.startsWith('bench/') ? 'bench' : path.split('/')[1]!.replace(/\.ts$/, '');

interface Import {
  readonly from: string;
  readonly specifier: string;
  /** Path from the root; undefined for a package. */
  readonly target: string | undefined;
}

function importsOf(path: string): Import[] {
  return ts.preProcessFile(read(path)).importedFiles.map(({ fileName }) => ({
    from: path,
    specifier: fileName,
    target: fileName.startsWith('.') ? posix.join(posix.dirname(path), fileName) : undefined,
  }));
}

/** What an import breaks, as a sentence, or undefined. */
function offence({ from, specifier, target }: Import): string | undefined {
  const folder = folderOf(from);
  const allowed = MAY_IMPORT[folder];
  if (!allowed) return `${from}: src/${folder} is not in the table of layers`;
  if (target === undefined) {
    return PACKAGES[folder]?.test(specifier) ? undefined : `${from} imports package ${specifier}`;
  }
  if (!/^(src|bench)\//.test(target)) return `${from} imports ${target}, outside src and bench`;
  const to = folderOf(target);
  if (to === folder || LEAVES.includes(to) || allowed.includes(to)) return undefined;
  return `${from} imports ${target}: ${folder} may not import ${to}`;
}

describe('layers', () => {
  it('every import goes the way that the table allows', () => {
    expect(sources.length).toBeGreaterThan(0);
    expect(sources.flatMap(importsOf).map(offence).filter(Boolean)).toEqual([]);
  });

  it('the check knows a forbidden import', () => {
    const from = 'src/patch/queue.ts';
    expect(offence({ from, specifier: '../gpu/scope.ts', target: 'src/gpu/scope.ts' })).toContain(
      'patch may not import gpu',
    );
    expect(offence({ from, specifier: '../io/nifti.ts', target: 'src/io/nifti.ts' })).toBe(
      undefined,
    );
    expect(offence({ from, specifier: 'node:fs', target: undefined })).toContain('node:fs');
  });

  it('only src/node/dawn.ts and src/node.ts know npm webgpu', () => {
    const users = sources.filter((path) =>
      importsOf(path).some(({ specifier }) => specifier === 'webgpu'),
    );
    for (const path of users) expect(['src/node.ts', 'src/node/dawn.ts']).toContain(path);
  });

  it('the browser application imports the public API only, the kernel lab also what measures it', () => {
    const forLab = /^(src\/reference|bench|tests\/golden)\//;
    const inLab = (path: string): boolean => path.startsWith('web/app/lab/');
    // What builds the pages runs on Node.
    const inBuild = (path: string): boolean => /^web\/\w+\/build\//.test(path);
    const offences = filesUnder('web', /\.tsx?$/)
      .flatMap(importsOf)
      .filter(({ from, specifier, target }) =>
        target === undefined
          ? !PACKAGES.web!.test(specifier) && !(inBuild(from) && specifier.startsWith('node:'))
          : !target.startsWith('web/') &&
            !['src/index.ts', 'src/worker.ts'].includes(target) &&
            !(inLab(from) && forLab.test(target)),
      );
    expect(filesUnder('web', /\.tsx?$/).length).toBeGreaterThan(0);
    expect(offences).toEqual([]);
  });

  it('index.ts only re-exports', () => {
    if (!exists.has('src/index.ts')) return;
    const file = ts.createSourceFile('index.ts', read('src/index.ts'), ts.ScriptTarget.ES2023);
    const others = file.statements.filter((statement) => !ts.isExportDeclaration(statement));
    expect(others.length).toBe(0);
  });
});

describe('an op is its name', () => {
  const kernels = stemsOf('src/kernels');
  const variantText = filesUnder('src/kernels/variants', /\.ts$/).map(read).join('\n');
  /** The text of an op: its launchers, and the variants that they choose from. */
  const kernelText = new Map(
    kernels.map((op) => [op, `${read(`src/kernels/${op}.ts`)}\n${variantText}`]),
  );

  it('every kernel has a reference, a check for any adapter and a test', () => {
    const missing = kernels
      .flatMap((op) => [
        `src/reference/${op}.ts`,
        `bench/checks/${op}.check.ts`,
        `tests/kernels/${op}.test.ts`,
      ])
      .filter((path) => !exists.has(path));
    expect(missing).toEqual([]);
  });

  it('every pass that has variants belongs to an op and is in the registry', () => {
    const registry = read('src/kernels/variants/registry.ts');
    const passes = filesUnder('src/kernels/variants', /_(forward|backward\w*)\.ts$/);
    expect(passes.length).toBeGreaterThan(0);
    const lost = passes.filter((path) => {
      const stem = posix.basename(path, '.ts');
      return !kernels.some((op) => stem.startsWith(`${op}_`)) || !registry.includes(`./${stem}.ts`);
    });
    expect(lost).toEqual([]);
  });

  it('every gradient rule has a gradient check', () => {
    const infrastructure = ['tape', 'variable', 'gradients'];
    const missing = stemsOf('src/autograd')
      .filter((op) => !infrastructure.includes(op))
      .map((op) => `tests/autograd/${op}.test.ts`)
      .filter((path) => !exists.has(path) || !/[gG]radient/.test(read(path)));
    expect(missing).toEqual([]);
  });

  it('every shader belongs to a kernel of its name, or to the benchmark, and is used by it', () => {
    const roofline = read('bench/roofline.ts');
    const unused = filesUnder('shaders', /^shaders\/[^/]+\.wgsl$/).filter((path) => {
      const stem = posix.basename(path, '.wgsl');
      const name = stem.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
      if (stem.startsWith('bench_')) return !new RegExp(`\\b${name}\\b`).test(roofline);
      return !kernels.some(
        (op) =>
          `${stem}_`.startsWith(`${op}_`) && new RegExp(`\\b${name}\\b`).test(kernelText.get(op)!),
      );
    });
    expect(unused).toEqual([]);
  });

  it('every shader starts with a comment on what it computes', () => {
    const bare = filesUnder('shaders', /\.wgsl$/).filter((path) => !/^\/\/ \S/.test(read(path)));
    expect(bare).toEqual([]);
  });

  it('no WGSL is put together from strings', () => {
    const templated = filesUnder('shaders', /\.wgsl$/).filter((path) => read(path).includes('${'));
    const inline = sources.filter((path) => /@compute\b|var<storage/.test(read(path)));
    expect([...templated, ...inline]).toEqual([]);
  });
});

describe('files', () => {
  const written = [
    ...sources,
    ...['shaders', 'tests', 'bench', 'web', 'examples', 'tools'].flatMap((folder) =>
      filesUnder(folder, /\.(ts|tsx|mjs|wgsl|css)$/),
    ),
  ];

  it('none is longer than 400 lines', () => {
    const long = written
      .map((path) => ({ path, lines: read(path).split('\n').length - 1 }))
      .filter(({ lines }) => lines > 400);
    expect(long).toEqual([]);
  });

  it('names are snake_case', () => {
    const odd = written.filter(
      (path) => !/^[a-z0-9_]+(\.[a-z]+)+$/.test(posix.basename(path).replace(/^_/, '')),
    );
    expect(odd).toEqual([]);
  });

  it('the library never prints; only the command line does', () => {
    const printing = sources.filter(
      (path) => !path.startsWith('src/cli/') && /\bconsole\.\w+\(/.test(read(path)),
    );
    expect(printing).toEqual([]);
  });

  it('every test file in a folder of src or in bench is named after the file it tests', () => {
    const folders = readdirSync(join(root, 'src'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
    const orphans = [...exists].filter((path) => {
      if (!path.endsWith('.test.ts') || ![...folders, 'bench'].includes(path.split('/')[1]!)) {
        return false;
      }
      const tested = path.replace(/^tests\//, '').replace(/\.test\.ts$/, '.ts');
      return !exists.has(tested.startsWith('bench/') ? tested : `src/${tested}`);
    });
    expect(orphans).toEqual([]);
  });
});
