/** The package as it would be published. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from './run_command.ts';

export const root = fileURLToPath(new URL('../..', import.meta.url));

export interface PackedFile {
  readonly path: string;
  readonly size: number;
}

export interface Packed {
  readonly tarball: string;
  readonly bytes: number;
  readonly unpackedBytes: number;
  readonly files: readonly PackedFile[];
}

const SOURCES = ['src', 'bench', 'shaders', 'web', 'tools', 'package.json', 'tsconfig.build.json'];

async function lastChange(path: string): Promise<number> {
  const found = await stat(path);
  if (!found.isDirectory()) return found.mtimeMs;
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name !== 'wgsl.generated.ts');
  const times = files.map(
    async ({ parentPath, name }) => (await stat(join(parentPath, name))).mtimeMs,
  );
  return Math.max(0, ...(await Promise.all(times)));
}

/** Builds the package where a source is newer than what was built last. */
export async function buildIfOld(): Promise<void> {
  const built = await stat(join(root, 'dist', 'web', 'service_worker.js')).catch(() => undefined);
  const changes = await Promise.all(SOURCES.map((path) => lastChange(join(root, path))));
  if (built && built.mtimeMs > Math.max(...changes)) return;
  await runCommand('npm', ['run', '--silent', 'build'], { cwd: root });
}

/** `npm pack` into a folder. */
export async function packInto(folder: string): Promise<Packed> {
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const [packed] = JSON.parse(await runCommand('npm', args, { cwd: root })) as [
    { filename: string; size: number; unpackedSize: number; files: PackedFile[] },
  ];
  const { filename, size, unpackedSize, files } = packed;
  return { tarball: join(folder, filename), bytes: size, unpackedBytes: unpackedSize, files };
}

const ALWAYS = ['package.json', 'README.md', 'LICENSE'];
const PAGE = /^dist\/(ui|web)\/.+\.(html|js|css|json|svg|png|wasm|safetensors|webmanifest|md|txt)$/;
const WORKER = ['dist/worker/worker.js', 'dist/worker/packages.md'];

/** Every file that has no business in the package: neither a page's nor compiled from a source. */
export async function strayFiles({ files }: Packed): Promise<string[]> {
  const stray: string[] = [];
  for (const { path } of files) {
    if (ALWAYS.includes(path) || PAGE.test(path) || WORKER.includes(path)) continue;
    const source = /^dist\/((?:src|bench)\/.+?)(?:\.d\.ts|\.js)$/.exec(path)?.[1];
    const isCompiled =
      source !== undefined &&
      (await stat(join(root, `${source}.ts`)).then(
        () => true,
        () => false,
      ));
    if (!isCompiled) stray.push(path);
  }
  return stray;
}

/** What has to be there, and is not. */
export function missingFiles({ files }: Packed): string[] {
  const packed = new Set(files.map(({ path }) => path));
  return [
    ...ALWAYS,
    ...WORKER,
    'dist/src/index.js',
    'dist/src/index.d.ts',
    'dist/src/node.js',
    'dist/src/cli/main.js',
    'dist/ui/index.html',
    'dist/web/index.html',
    'dist/web/lab.html',
    'dist/web/service_worker.js',
  ].filter((path) => !packed.has(path));
}

/** Text files that name the machine on which they were built, or a map that is not there. */
export async function leakingFiles({ files }: Packed): Promise<string[]> {
  const leaking: string[] = [];
  for (const { path } of files.filter((file) => /\.(js|ts|css|html|md|json)$/.test(file.path))) {
    const text = await readFile(join(root, path), 'utf8');
    if (text.includes(root) || /^\/\/# sourceMappingURL=(?!data:)/m.test(text)) leaking.push(path);
  }
  return leaking;
}
