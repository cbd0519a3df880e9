import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Plugin, transformWithOxc } from 'vite';
import { CONTENT_POLICY } from './content_policy.ts';

/** What the service worker knows of the build that it belongs to. */
export interface Precache {
  /** Of all files and the service worker together. */
  readonly version: string;
  /** The hash of each file by its path in the application's folder, as `integrity` of fetch takes it. */
  readonly files: Readonly<Record<string, string>>;
  readonly policy: string;
}

const SCRIPT = 'service_worker.js';
const source = fileURLToPath(new URL('../service_worker.ts', import.meta.url));
const sha256 = (bytes: string | Uint8Array): string =>
  createHash('sha256').update(bytes).digest('base64');

async function precache(folder: string, script: string): Promise<Precache> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, '/'))
    .filter((path) => path !== SCRIPT)
    .sort();
  const files: Record<string, string> = {};
  for (const path of paths) files[path] = `sha256-${sha256(await readFile(join(folder, path)))}`;
  return { version: sha256(JSON.stringify(files) + script), files, policy: CONTENT_POLICY };
}

/** Compiles web/app/service_worker.ts into the build, with the list of the files that it keeps. */
export function serviceWorker(): Plugin {
  let folder = '';
  return {
    name: 'service-worker',
    apply: 'build',
    configResolved({ root, build }) {
      folder = resolve(root, build.outDir);
    },
    writeBundle: {
      order: 'post',
      async handler() {
        const { code } = await transformWithOxc(await readFile(source, 'utf8'), source);
        const script = code.replace(/^export \{\s*\};?$/m, '');
        const list = JSON.stringify(await precache(folder, script), null, 1);
        await writeFile(join(folder, SCRIPT), `const PRECACHE = ${list};\n${script}`);
      },
    },
  };
}
