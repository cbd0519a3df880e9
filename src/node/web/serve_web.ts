/** The server of the browser application: its built files, and nothing else. */
import { pageHeaders } from '../local_server/headers.ts';
import { type PageServer, startPageServer } from '../local_server/page_server.ts';
import { CONTENT_POLICY } from './content_policy.ts';

export interface ServeWebOptions {
  /** Folder of the built application. */
  readonly page: string;
  /** Address to listen on; 127.0.0.1 by default. */
  readonly host?: string;
  /** The first port to try, 5173 by default; 0 takes any free one. */
  readonly port?: number;
  /** Ports to try, 10 by default. */
  readonly attempts?: number;
}

/**
 * Serves the application until it is closed. Scans never reach this server: the page reads them in
 * the browser, and its policy names no address that they could go to.
 *
 * @throws ConfigError if the application is not built, or no port is free
 */
export function serveWeb(options: ServeWebOptions): Promise<PageServer> {
  const { page, host = '127.0.0.1', port = 5173, attempts = 10 } = options;
  const policy = `${CONTENT_POLICY}; frame-ancestors 'none'`;
  return startPageServer({
    name: 'serveWeb',
    page,
    host,
    port,
    attempts,
    headers: pageHeaders(policy, { isolated: true }),
  });
}
