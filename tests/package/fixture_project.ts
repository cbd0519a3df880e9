/** A web developer's project with the package installed, in a folder of its own. */
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build as esbuild } from 'esbuild';
import { build as vite } from 'vite';
import { identityAffine } from '../../src/io/affine.ts';
import { readNifti } from '../../src/io/nifti.ts';
import { writeNifti } from '../../src/io/nifti_write.ts';
import { volume } from '../../src/io/volume.ts';
import { Rng } from '../../src/rng.ts';
import { identityModelFile } from '../helpers/identity_model.ts';
import { type Packed, root } from './packed.ts';
import { startRegistry } from './registry.ts';
import { runCommand } from './run_command.ts';

const template = fileURLToPath(new URL('./fixture', import.meta.url));
const tool = (path: string): string => join(root, 'node_modules', path);

/** A scan whose voxels above 0 are the object, and a model that says so. */
async function writeScanAndModel(folder: string): Promise<void> {
  const rng = Rng.seed(1);
  const data = Float32Array.from({ length: 14 * 11 * 9 }, () => rng.uniform() - 0.6);
  const scan = volume(data, [1, 14, 11, 9], identityAffine());
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'scan.nii.gz'), writeNifti(scan));
  await writeFile(join(folder, 'model.safetensors'), identityModelFile());
}

/** Copies the project to `folder`, and installs the tarball and what it declares, by npm. */
export async function installFixture(folder: string, { tarball }: Packed): Promise<void> {
  await cp(template, folder, { recursive: true });
  await cp(tarball, join(folder, 'voxgrad.tgz'));
  await writeScanAndModel(join(folder, 'public'));
  await writeFile(join(folder, 'npmrc'), '');
  const registry = await startRegistry(root);
  const settings = {
    registry: registry.url,
    cache: join(folder, 'npm-cache'),
    userconfig: join(folder, 'npmrc'),
    noproxy: '127.0.0.1',
    audit: 'false',
    fund: 'false',
    'ignore-scripts': 'true',
    'fetch-retries': '0',
  };
  const args = Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
  try {
    await runCommand('npm', ['install', ...args], { cwd: folder });
  } finally {
    await registry.stop();
  }
}

/** @throws Error with the compiler's words */
export async function typeCheck(folder: string, config: string): Promise<void> {
  const args = [tool('typescript/bin/tsc'), '--project', config];
  await runCommand(process.execPath, args, { cwd: folder });
}

/** The page as Vite builds it; gives its folder. */
export async function buildWithVite(folder: string): Promise<string> {
  await vite({
    configFile: false,
    root: folder,
    base: './',
    logLevel: 'warn',
    worker: { format: 'es' },
    build: { target: 'es2022', chunkSizeWarningLimit: 2000 },
  });
  return join(folder, 'dist');
}

/** A worker of the project's own that imports the package's, as Vite builds it. */
export async function ownWorkerByVite(folder: string): Promise<string> {
  const result = await vite({
    configFile: false,
    root: folder,
    logLevel: 'warn',
    build: {
      write: false,
      target: 'es2022',
      chunkSizeWarningLimit: 2000,
      rolldownOptions: { input: join(folder, 'src', 'worker.ts') },
    },
  });
  if (!('output' in result)) throw new Error('ownWorkerByVite: Vite gave no output');
  return result.output[0].code;
}

/** The page as esbuild builds it; gives its folder. */
export async function buildWithEsbuild(folder: string): Promise<string> {
  const outdir = join(folder, 'esbuild');
  await cp(join(folder, 'public'), outdir, { recursive: true });
  const page = await readFile(join(folder, 'index.html'), 'utf8');
  await writeFile(join(outdir, 'index.html'), page.replace('./src/main.ts', './main_esbuild.js'));
  await esbuild({
    entryPoints: ['main_esbuild.ts', 'worker.ts'].map((name) => join(folder, 'src', name)),
    outdir,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    logLevel: 'warning',
  });
  return outdir;
}

/** The segmentation as the installed package computes it on Node, with Dawn. */
export async function segmentOnNode(folder: string): Promise<Float32Array> {
  const out = join(folder, 'node.nii.gz');
  const files = ['public/model.safetensors', 'public/scan.nii.gz'].map((name) =>
    join(folder, name),
  );
  const script = join(folder, 'node', 'segment.js');
  await esbuild({
    entryPoints: [join(folder, 'node', 'segment.ts')],
    outfile: script,
    format: 'esm',
    platform: 'node',
    logLevel: 'warning',
  });
  await runCommand(process.execPath, [script, ...files, out], { cwd: folder });
  return Float32Array.from(readNifti(await readFile(out)).data);
}
