/** The built application: made again where its sources are newer, so that a test never sees an old one. */
import { spawn } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const SOURCES = [
  'src',
  'shaders',
  'web',
  'bench',
  'tests/golden',
  'tests/fixtures/golden',
  'tests/fixtures',
  'package.json',
];

async function newestChange(path: string): Promise<number> {
  const entry = await stat(path);
  if (!entry.isDirectory()) return path.endsWith('wgsl.generated.ts') ? 0 : entry.mtimeMs;
  const inside = await readdir(path, { recursive: true, withFileTypes: true });
  const files = inside.filter(
    (file) => file.isFile() && !/\.bench\.ts$|wgsl\.generated\.ts$/.test(file.name),
  );
  const times = files.map(async (file) => (await stat(join(file.parentPath, file.name))).mtimeMs);
  return Math.max(0, ...(await Promise.all(times)));
}

function build(): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('npm', ['run', '--silent', 'build:web'], { cwd: root, stdio: 'inherit' });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`builtApp: npm run build:web ended with exit code ${code}`));
    });
  });
}

let built: Promise<string> | undefined;

async function upToDate(): Promise<string> {
  const folder = join(root, 'dist', 'web');
  const made = await stat(join(folder, 'index.html')).catch(() => undefined);
  const changed = await Promise.all(SOURCES.map((path) => newestChange(join(root, path))));
  if (!made || made.mtimeMs < Math.max(...changed)) await build();
  return folder;
}

/** Folder of the application, built at most once per process. */
export function builtApp(): Promise<string> {
  built ??= upToDate();
  return built;
}
