/**
 * Keeps the application, so that it works without a network after its first load. Files come from what
 * was kept; a new version is fetched as a whole, and shown when a page is next loaded.
 */
import type { Precache } from './build/service_worker.ts';

/** Written before this script by the build. */
declare const PRECACHE: Precache;

interface LifeEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}

interface FetchEvent extends LifeEvent {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}

interface WorkerScope {
  readonly registration: ServiceWorkerRegistration;
  readonly clients: {
    claim(): Promise<void>;
    matchAll(options: { includeUncontrolled: boolean }): Promise<readonly unknown[]>;
  };
  skipWaiting(): Promise<void>;
  addEventListener(type: 'install' | 'activate', listener: (event: LifeEvent) => void): void;
  addEventListener(type: 'fetch', listener: (event: FetchEvent) => void): void;
}

const worker = globalThis as unknown as WorkerScope;
const { scope } = worker.registration;
// Other folders of the same host may hold an application of their own.
const PREFIX = `voxgrad ${scope} `;
const CACHE = `${PREFIX}${PRECACHE.version}`;

/**
 * A file as the build left it, which `integrity` ensures, under the policy of the build: a worker's
 * script is ruled by the policy that comes with it, and a plain host sends none.
 */
async function fetchFile(path: string, integrity: string): Promise<Response> {
  const answer = await fetch(new URL(path, scope), { integrity, cache: 'no-cache' });
  if (!answer.ok) throw new Error(`${path}: the server answers ${answer.status}`);
  const headers = new Headers(answer.headers);
  if (!headers.has('Content-Security-Policy')) {
    headers.set('Content-Security-Policy', PRECACHE.policy);
  }
  for (const name of ['Content-Encoding', 'Content-Length']) headers.delete(name);
  return new Response(await answer.blob(), { headers });
}

async function install(): Promise<void> {
  // What is left of a version that was here before would count as the older one.
  await caches.delete(CACHE);
  const cache = await caches.open(CACHE);
  for (const [path, integrity] of Object.entries(PRECACHE.files)) {
    await cache.put(new URL(path, scope), await fetchFile(path, integrity));
  }
  await worker.skipWaiting();
}

/** Versions of this application that are kept, the oldest first. */
async function versions(): Promise<string[]> {
  return (await caches.keys()).filter((name) => name.startsWith(PREFIX));
}

/** Removes older versions once the page that is being loaded takes the place of the only one. */
async function removeOldVersions(): Promise<void> {
  if ((await worker.clients.matchAll({ includeUncontrolled: true })).length > 1) return;
  const names = await versions();
  for (const name of names.slice(0, names.indexOf(CACHE))) await caches.delete(name);
}

/** What was kept, of this version if it has such a file; an open page may be of another one. */
async function answer(request: Request): Promise<Response> {
  const { origin, pathname } = new URL(request.url);
  const address = `${origin}${pathname}`;
  for (const name of [CACHE, ...(await versions())]) {
    const kept = await (await caches.open(name)).match(
      address === scope ? `${scope}index.html` : address,
    );
    if (kept) return kept;
  }
  return fetch(request);
}

worker.addEventListener('install', (event) => event.waitUntil(install()));
worker.addEventListener('activate', (event) => event.waitUntil(worker.clients.claim()));
worker.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET' || !request.url.startsWith(scope)) return;
  event.respondWith(answer(request));
  if (request.mode === 'navigate') event.waitUntil(removeOldVersions());
});
