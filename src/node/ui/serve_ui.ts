/** The server of the local page: runs, curves, figures and volumes, to this machine only. */
import type { ServerResponse } from 'node:http';
import { pageHeaders } from '../local_server/headers.ts';
import { type PageServer, startPageServer } from '../local_server/page_server.ts';
import { RunStore } from '../runs/run_store.ts';
import { Api } from './api.ts';
import { EventStream } from './event_stream.ts';
import type { CaseFolders } from './run_cases.ts';

export interface ServeUiOptions extends CaseFolders {
  /** Folder whose runs are shown. */
  readonly root: string;
  /** Folder of the built page. */
  readonly page: string;
  /** Address to listen on; 127.0.0.1 by default. Any other lets other machines read the scans. */
  readonly host?: string;
  /** The first port to try, 5001 by default; 0 takes any free one. */
  readonly port?: number;
  /** Ports to try, 10 by default. */
  readonly attempts?: number;
}

/** NiiVue decodes in workers and keeps small files in the page as data and blob addresses. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "connect-src 'self' data: blob:",
  'worker-src blob:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * Serves the page until it is closed.
 *
 * @throws ConfigError if the folder cannot be read, the page is not built, or no port is free
 * @see fastMONAI MLflowUIManager: ports 5001 upward, 10 tried
 */
export async function serveUi(options: ServeUiOptions): Promise<PageServer> {
  const { root, page, host = '127.0.0.1', port = 5001, attempts = 10 } = options;
  const store = new RunStore(root);
  await store.list();
  const api = new Api(store, options);
  const events = new EventStream(() => store.list());

  const answer = async (url: URL, response: ServerResponse): Promise<boolean> => {
    if (url.pathname === '/api/events') events.add(response);
    else if (url.pathname.startsWith('/api/')) await api.answer(url, response);
    else return false;
    return true;
  };
  const server = await startPageServer({
    name: 'serveUi',
    page,
    host,
    port,
    attempts,
    headers: pageHeaders(POLICY),
    answer,
  });
  return {
    ...server,
    close() {
      events.close();
      return server.close();
    },
  };
}
