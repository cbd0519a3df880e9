/** Puts a run's files where its server keeps them. */
import { stat } from 'node:fs/promises';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeWholeFile } from '../whole_file.ts';
import { TrackingError } from './tracking_error.ts';
import type { TrackingHttp } from './tracking_http.ts';
import { isLoopback } from './tracking_uri.ts';

const PROXY = 'api/2.0/mlflow-artifacts/artifacts';

/**
 * Uploads one file of a run.
 *
 * Servers that hand files on (`mlflow server --serve-artifacts`, the default) are asked to. A folder is
 * written directly if the server is on this machine and the folder is there.
 *
 * @param artifactUri of the run
 * @param path        below it, with forward slashes
 * @throws TrackingError for stores that only the server, or another program, can reach
 */
export async function putArtifact(
  http: TrackingHttp,
  artifactUri: string,
  path: string,
  bytes: Uint8Array,
): Promise<void> {
  const proxied = proxyPath(http.uri, artifactUri);
  if (proxied !== undefined) {
    const name = [proxied, ...path.split('/').map(encodeURIComponent)].filter(Boolean).join('/');
    await http.send({ method: 'PUT', path: `${PROXY}/${name}`, body: bytes, repeatable: true });
    return;
  }
  const folder = localFolder(artifactUri);
  if (folder !== undefined && isLoopback(http.uri) && (await holdsRuns(folder))) {
    await writeWholeFile(posix.join(folder, path), bytes);
    return;
  }
  throw new TrackingError(
    `putArtifact: the server's store cannot be reached from here. Files of the run belong in ${artifactUri}. Start the server with --serve-artifacts, and choose a new experiment: those that exist keep their store.`,
  );
}

/** The path behind the server's own artifact address, or undefined for other stores. */
function proxyPath(server: string, artifactUri: string): string | undefined {
  const [, path] = /^mlflow-artifacts:(?:\/\/[^/]*)?\/*(.*)$/.exec(artifactUri) ?? [];
  if (path !== undefined) return path.replace(/\/+$/, '');
  const own = `${server}/${PROXY}/`;
  return artifactUri.startsWith(own)
    ? artifactUri.slice(own.length).replace(/\/+$/, '')
    : undefined;
}

function localFolder(uri: string): string | undefined {
  if (uri.startsWith('/')) return uri;
  return uri.startsWith('file:///') ? fileURLToPath(uri) : undefined;
}

/** The run's own folder may be missing, the one of all artifacts not: STORE/EXPERIMENT/RUN/artifacts. */
async function holdsRuns(folder: string): Promise<boolean> {
  const store = await stat(posix.resolve(folder, '../../..')).catch(() => undefined);
  return store?.isDirectory() ?? false;
}
