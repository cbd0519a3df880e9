/** Whom a server answers. */
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/** Name of a Host header, without port and brackets. */
function hostName(header: string): string {
  const match = /^(?:\[([^\]]*)\]|([^:]*))(?::\d+)?$/.exec(header);
  return (match?.[1] ?? match?.[2] ?? '').toLowerCase();
}

const LOOPBACK = ['localhost', '127.0.0.1', '::1'];

/**
 * Whether a request was sent to this server under one of its own names. A page of another site that
 * has its name resolved to this machine (DNS rebinding) sends that name, and is refused; an address
 * cannot be another site's name.
 *
 * @param host the address that the server listens on
 */
export function isOwnHost(header: string | undefined, host: string): boolean {
  if (header === undefined) return false;
  const name = hostName(header);
  if (LOOPBACK.includes(name) || name === host.toLowerCase()) return true;
  return !LOOPBACK.includes(host) && isIP(name) !== 0;
}

/** Why a request is refused, with its status; undefined for one to answer. */
export function refusal(
  { method, headers }: IncomingMessage,
  host: string,
): { status: number; text: string } | undefined {
  if (!isOwnHost(headers.host, host)) return { status: 421, text: 'not a name of this server' };
  if (method !== 'GET') return { status: 405, text: 'only GET is answered' };
  const site = headers['sec-fetch-site'];
  if (site === 'cross-site' && headers['sec-fetch-mode'] !== 'navigate') {
    return { status: 403, text: 'not for pages of other sites' };
  }
  return undefined;
}
