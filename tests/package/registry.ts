/** An npm registry of what the lock file installed here, so that an install needs no network. */
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';

interface Manifest {
  readonly name: string;
  readonly version: string;
}

interface Installed {
  readonly folder: string;
  readonly manifest: Manifest;
}

export interface Registry {
  readonly url: string;
  stop(): Promise<void>;
}

/** Packages in node_modules; those for other platforms are not there. */
async function installedPackages(root: string): Promise<Installed[]> {
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, unknown>;
  };
  const found: Installed[] = [];
  for (const path of Object.keys(lock.packages)) {
    if (!path.includes('node_modules/')) continue;
    const folder = join(root, path);
    const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => undefined);
    if (text !== undefined) found.push({ folder, manifest: JSON.parse(text) as Manifest });
  }
  return found;
}

/** Programs for other platforms than this one: tens of megabytes that nothing here would run. */
const isForeign = (path: string): boolean => {
  const platform = /(?:^|\/)((?:darwin|linux|win32)-\w+)(?:\/|$)/.exec(path)?.[1];
  const own = [`${process.platform}-${process.arch}`, `${process.platform}-universal`];
  return platform !== undefined && !own.includes(platform);
};

/** The package as npm would have fetched it; packages inside its node_modules are others. */
async function sendTarball(folder: string, to: NodeJS.WritableStream): Promise<void> {
  const archive = pack();
  const add = async (): Promise<void> => {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    for (const entry of entries) {
      const path = join(entry.parentPath, entry.name);
      const name = path.slice(folder.length + 1).replaceAll('\\', '/');
      if (!entry.isFile() || name.startsWith('node_modules/') || isForeign(name)) continue;
      const { size } = await stat(path);
      await pipeline(createReadStream(path), archive.entry({ name: `package/${name}`, size }));
    }
    archive.finalize();
  };
  await Promise.all([add(), pipeline(archive, createGzip({ level: 1 }), to)]);
}

/** Serves what is installed below `root` until it is stopped. */
export async function startRegistry(root: string): Promise<Registry> {
  const packages = await installedPackages(root);
  const tarball = ({ manifest: { name, version } }: Installed): string =>
    `/-/${encodeURIComponent(name)}/${version}.tgz`;
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    const host = `http://${request.headers.host}`;
    const file = packages.find((candidate) => tarball(candidate) === path);
    if (file) {
      sendTarball(file.folder, response).catch(() => response.destroy());
      return;
    }
    const name = decodeURIComponent(path.slice(1));
    const known = packages.filter(({ manifest }) => manifest.name === name);
    if (known.length === 0) {
      response.writeHead(404).end(JSON.stringify({ error: `${basename(name)} is not installed` }));
      return;
    }
    const versions = known.map((entry) => [
      entry.manifest.version,
      { ...entry.manifest, dist: { tarball: `${host}${tarball(entry)}` } },
    ]);
    const latest = known.at(-1)!.manifest.version;
    const body = { name, 'dist-tags': { latest }, versions: Object.fromEntries(versions) };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
