/** The server of the local page: runs, curves, figures and volumes, to this machine only. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfigError } from '../../errors.ts';
import { RunStore } from '../runs/run_store.ts';
import { Api } from './api.ts';
import { EventStream } from './event_stream.ts';
import { refusal } from './guard.ts';
import { pageFiles } from './page_files.ts';
import type { CaseFolders } from './run_cases.ts';
import { sendFile, sendText } from './send.ts';

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

export interface UiServer {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** The first free port. */
async function listenFrom(
  server: Server,
  first: number,
  attempts: number,
  host: string,
): Promise<number> {
  for (let port = first; ; port++) {
    try {
      return await listen(server, port, host);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === 'EADDRINUSE' && port + 1 < first + attempts) continue;
      throw new ConfigError(
        `serveUi: no port to listen on. Tried ${first} to ${port} of ${host}: ${message}. Pass another --port or --host.`,
        { cause: error },
      );
    }
  }
}

const shownHost = (host: string): string => (host.includes(':') ? `[${host}]` : host);

/**
 * Serves the page until it is closed.
 *
 * @throws ConfigError if the folder cannot be read, the page is not built, or no port is free
 * @see fastMONAI MLflowUIManager: ports 5001 upward, 10 tried
 */
export async function serveUi(options: ServeUiOptions): Promise<UiServer> {
  const { root, page, host = '127.0.0.1', port = 5001, attempts = 10 } = options;
  const store = new RunStore(root);
  await store.list();
  const files = await pageFiles(page);
  const api = new Api(store, options);
  const events = new EventStream(() => store.list());

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const refused = refusal(request, host);
    if (refused) return sendText(response, refused.status, refused.text);
    const { url: address = '/' } = request;
    if (!URL.canParse(address, 'http://localhost')) {
      return sendText(response, 400, 'not an address');
    }
    const url = new URL(address, 'http://localhost');
    if (url.pathname === '/api/events') return events.add(response);
    if (url.pathname.startsWith('/api/')) return api.answer(url, response);
    const file = files.get(url.pathname);
    if (!file) return sendText(response, 404, 'no such address');
    await sendFile(response, file.path, file.contentType);
  };

  const server = createServer((request, response) => {
    answer(request, response).catch((error: Error) => {
      if (response.headersSent) response.destroy();
      else sendText(response, 500, error.message);
    });
  });
  const found = await listenFrom(server, port, attempts, host);
  return {
    url: `http://${shownHost(host)}:${found}/`,
    port: found,
    async close() {
      events.close();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}
