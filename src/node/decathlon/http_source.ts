/** One HTTP answer: where in the file its bytes start, how long the file is, and how to know it again. */
import { type Dispatcher, EnvHttpProxyAgent, request } from 'undici';
import { VoxgradError } from '../../errors.ts';

/** Worth another try. */
export class TransientError extends Error {
  readonly retryAfterMs: number | undefined;

  constructor(message: string, retryAfterMs?: number) {
    super(message);
    this.retryAfterMs = retryAfterMs;
  }
}

/** The part on disk is not of the file that the server has now. */
export class StalePartError extends TransientError {}

export interface HttpAnswer {
  /** undefined: the server has nothing beyond what was asked to be left out. */
  readonly body: AsyncIterable<Uint8Array> | undefined;
  readonly start: number;
  readonly total: number | undefined;
  readonly validator: string | undefined;
}

export interface HttpAsk {
  /** Leave out so many bytes, of the file that `validator` knows. */
  readonly from: number;
  readonly validator: string | undefined;
  readonly stallMs: number;
  readonly signal: AbortSignal | undefined;
}

const MOST_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const TRANSIENT = new Set([408, 425, 429, 500, 502, 503, 504]);

/**
 * Connections as HTTP_PROXY, HTTPS_PROXY and NO_PROXY of the environment want them (in lower case,
 * too). Destroy it after use.
 */
export function httpAgent(stallMs: number): Dispatcher {
  // Proxies expect CONNECT for https alone, as curl does it.
  return new EnvHttpProxyAgent({ proxyTunnel: false, connect: { timeout: stallMs } });
}

type Headers = Record<string, string | string[] | undefined>;

function header(headers: Headers, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** A weak ETag promises similar bytes, not the same. */
function validatorOf(headers: Headers): string | undefined {
  const etag = header(headers, 'etag');
  return etag && !etag.startsWith('W/') ? etag : header(headers, 'last-modified');
}

function retryAfter(headers: Headers): number | undefined {
  const text = header(headers, 'retry-after');
  if (text === undefined) return undefined;
  const ms = /^\d+$/.test(text) ? 1000 * Number(text) : Date.parse(text) - Date.now();
  return Number.isFinite(ms) ? Math.min(Math.max(0, ms), 60_000) : undefined;
}

/** `bytes 100-199/1000` or, with 416, `bytes * /1000` */
function contentRange(headers: Headers): { start: number; total: number } | undefined {
  const match = /^bytes (?:(\d+)-\d+|\*)\/(\d+)$/.exec(header(headers, 'content-range') ?? '');
  return match ? { start: Number(match[1] ?? Number.NaN), total: Number(match[2]) } : undefined;
}

function wholeLength(headers: Headers): number | undefined {
  const text = header(headers, 'content-length');
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** The answer at the end of the redirects; its body must be read or dropped. */
async function ask(
  url: string,
  agent: Dispatcher,
  { from, validator, stallMs, signal }: HttpAsk,
): Promise<Dispatcher.ResponseData> {
  let address = url;
  for (let redirects = 0; ; redirects++) {
    const response = await request(address, {
      dispatcher: agent,
      headersTimeout: stallMs,
      bodyTimeout: stallMs,
      ...(signal ? { signal } : {}),
      headers: {
        'user-agent': 'voxgrad',
        // Ranges and lengths would count compressed bytes.
        'accept-encoding': 'identity',
        ...(from > 0 && validator ? { range: `bytes=${from}-`, 'if-range': validator } : {}),
      },
    });
    const location = header(response.headers, 'location');
    const next =
      location !== undefined && URL.canParse(location, address)
        ? new URL(location, address)
        : undefined;
    const follows = REDIRECTS.has(response.statusCode) && redirects < MOST_REDIRECTS;
    if (!follows || !next || !/^https?:$/.test(next.protocol)) return response;
    drop(response);
    address = next.href;
  }
}

function drop({ body }: Dispatcher.ResponseData): void {
  body.on('error', () => {});
  body.destroy();
}

/**
 * Asks for a file, or for the rest of it.
 *
 * @throws TransientError, and whatever the connection throws, where another try may help
 * @throws VoxgradError where none will
 */
export async function askHttp(url: string, agent: Dispatcher, asked: HttpAsk): Promise<HttpAnswer> {
  const { from } = asked;
  const response = await ask(url, agent, asked);
  const { statusCode, headers, body } = response;
  const validator = validatorOf(headers);
  const range = contentRange(headers);
  const encoding = header(headers, 'content-encoding') ?? 'identity';
  if (encoding === 'identity') {
    if (statusCode === 200) return { body, validator, start: 0, total: wholeLength(headers) };
    // Not every server heeds If-Range.
    const same = validator === undefined || validator === asked.validator;
    if (statusCode === 206 && from > 0 && range?.start === from && same) {
      return { body, validator, start: from, total: range.total };
    }
  }
  drop(response);
  if (statusCode === 416 && range?.total === from) {
    return { body: undefined, validator: asked.validator, start: from, total: from };
  }
  if (statusCode === 206 || statusCode === 416) {
    throw new StalePartError('the file on the server is not the one that was begun');
  }
  if (TRANSIENT.has(statusCode)) {
    throw new TransientError(`the server answers ${statusCode}`, retryAfter(headers));
  }
  const what =
    statusCode === 200
      ? `the bytes are compressed (${encoding})`
      : `the server answers ${statusCode}`;
  throw new VoxgradError(
    `downloadFile: ${what}. The address is ${url}. Check it in a browser, or pass that of a mirror.`,
  );
}
