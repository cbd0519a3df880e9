/** A server of a built page, to this machine unless another address is asked for. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfigError } from '../../errors.ts';
import { refusal } from './guard.ts';
import { pageFiles } from './page_files.ts';
import { sendFile, sendText } from './send.ts';

export interface PageServerOptions {
  /** Of the function that serves; errors start with it. */
  readonly name: string;
  /** Folder of the built page. */
  readonly page: string;
  readonly host: string;
  /** The first port to try; 0 takes any free one. */
  readonly port: number;
  /** Ports to try. */
  readonly attempts: number;
  /** Of every answer. */
  readonly headers: Readonly<Record<string, string>>;
  /** Answers what is no file of the page; false where it does not know the address. */
  readonly answer?: (url: URL, response: ServerResponse) => Promise<boolean>;
}

export interface PageServer {
  readonly url: string;
  readonly port: number;
  /** Ends it and every connection. */
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
async function listenFrom(server: Server, options: PageServerOptions): Promise<number> {
  const { name, host, port: first, attempts } = options;
  for (let port = first; ; port++) {
    try {
      return await listen(server, port, host);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === 'EADDRINUSE' && port + 1 < first + attempts) continue;
      throw new ConfigError(
        `${name}: no port to listen on. Tried ${first} to ${port} of ${host}: ${message}. Pass another --port or --host.`,
        { cause: error },
      );
    }
  }
}

const shownHost = (host: string): string => (host.includes(':') ? `[${host}]` : host);

/**
 * Serves the files that the page's folder holds now, and what `answer` knows, until it is closed.
 *
 * @throws ConfigError if the page is not built, or no port is free
 */
export async function startPageServer(options: PageServerOptions): Promise<PageServer> {
  const { page, host, headers, answer } = options;
  const files = await pageFiles(page);

  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    for (const [header, value] of Object.entries(headers)) response.setHeader(header, value);
    const refused = refusal(request, host);
    if (refused) return sendText(response, refused.status, refused.text);
    const { url: address = '/' } = request;
    if (!URL.canParse(address, 'http://localhost')) {
      return sendText(response, 400, 'not an address');
    }
    const url = new URL(address, 'http://localhost');
    if (await answer?.(url, response)) return;
    const file = files.get(url.pathname);
    if (!file) return sendText(response, 404, 'no such address');
    await sendFile(response, file.path, file.contentType);
  };

  const server = createServer((request, response) => {
    respond(request, response).catch((error: Error) => {
      if (response.headersSent) response.destroy();
      else sendText(response, 500, error.message);
    });
  });
  const port = await listenFrom(server, options);
  return {
    url: `http://${shownHost(host)}:${port}/`,
    port,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}
