/** Requests to a tracking server: time limits, repetition, proxies, and what can be wrong with answers. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, type Dispatcher, EnvHttpProxyAgent, request } from 'undici';
import { TrackingError } from './tracking_error.ts';
import { authorization, type Environment, isLoopback, trackingUri } from './tracking_uri.ts';

export interface TrackingHttpOptions {
  /** MLFLOW_TRACKING_USERNAME, _PASSWORD and _TOKEN; HTTP_PROXY is read from the process's own. */
  readonly env?: Environment;
  /** Of an answer to a request without a file. Default 10 s. */
  readonly timeoutMs?: number;
  /** Attempts after the first that failed. Default 3. */
  readonly retries?: number;
  /** Before the second attempt; doubled before each later one. Default 500 ms. */
  readonly backoffMs?: number;
  /** Ends every request. */
  readonly signal?: AbortSignal;
}

export interface TrackingRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT';
  /** From the server's root on. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  /** Sent as JSON, unless these are bytes. */
  readonly body?: unknown;
  /** Whether doing it twice is as good as once; otherwise only what was surely not done is repeated. */
  readonly repeatable?: boolean;
}

/** No answer of the API is larger. */
const MOST_BYTES = 64 * 2 ** 20;
/** Slower connections do not finish a file in time. */
const BYTES_PER_MS = 64;
/** Of a server's own words. */
const MOST_TEXT = 300;
const CONTROL = /\p{Cc}+/gu;

const isBusy = (status: number): boolean => status === 429 || status >= 500;
/** Nothing was sent. */
const NOT_CONNECTED = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|UND_ERR_CONNECT_TIMEOUT)$/;

interface Answer {
  readonly status: number;
  readonly location: string;
  /** Seconds that the server asks to wait; NaN if it does not. */
  readonly retryAfter: number;
  readonly text: string;
}

export class TrackingHttp {
  readonly uri: string;
  private readonly options: Required<Omit<TrackingHttpOptions, 'signal' | 'env'>>;
  private readonly signal: AbortSignal | undefined;
  private readonly headers: Readonly<Record<string, string>>;
  private readonly dispatcher: Dispatcher;

  /** @throws ConfigError for an address that is none, see `trackingUri` */
  constructor(uri: string, options: TrackingHttpOptions = {}) {
    const { env = process.env, timeoutMs = 10_000, retries = 3, backoffMs = 500, signal } = options;
    this.uri = trackingUri(uri);
    this.options = { timeoutMs, retries, backoffMs };
    this.signal = signal;
    const credentials = authorization(env);
    this.headers = {
      'user-agent': 'voxgrad',
      accept: 'application/json',
      ...(credentials ? { authorization: credentials } : {}),
    };
    // Connections that lie idle do not keep the process alive for long.
    const keep = { keepAliveTimeout: 1000, connect: { timeout: timeoutMs } };
    this.dispatcher = isLoopback(this.uri) ? new Agent(keep) : new EnvHttpProxyAgent(keep);
  }

  /**
   * The parsed JSON of an answer.
   *
   * @throws TrackingError for an answer that is none, a refusal, or no answer
   */
  async send(asked: TrackingRequest): Promise<unknown> {
    const { retries, backoffMs } = this.options;
    for (let attempt = 0; ; attempt++) {
      let waitMs = backoffMs * 2 ** attempt;
      let failure: TrackingError;
      let mayRepeat: boolean;
      try {
        const answer = await this.exchange(asked);
        if (answer.status >= 200 && answer.status < 300) return this.parsed(asked, answer);
        failure = this.refusal(asked, answer);
        mayRepeat = answer.status === 429 || (isBusy(answer.status) && asked.repeatable === true);
        if (answer.retryAfter >= 0) waitMs = Math.min(1000 * answer.retryAfter, 30_000);
      } catch (error) {
        if (error instanceof TrackingError) throw error;
        this.signal?.throwIfAborted();
        failure = this.unreachable(asked, error);
        const { code = '' } = error as NodeJS.ErrnoException;
        mayRepeat = asked.repeatable === true || NOT_CONNECTED.test(code);
      }
      if (!mayRepeat || attempt === retries) throw failure;
      await sleep(waitMs, undefined, this.signal ? { signal: this.signal } : {});
    }
  }

  /** Ends its connections. */
  async close(): Promise<void> {
    await this.dispatcher.destroy();
  }

  private async exchange({ method, path, query, body }: TrackingRequest): Promise<Answer> {
    const isFile = body instanceof Uint8Array;
    const bytes = isFile ? body : body === undefined ? undefined : JSON.stringify(body);
    const limit = this.options.timeoutMs + (bytes?.length ?? 0) / BYTES_PER_MS;
    const timeout = AbortSignal.timeout(Math.ceil(limit));
    const url = new URL(`${this.uri}/${path}`);
    for (const [key, value] of Object.entries(query ?? {})) {
      if (value !== undefined) url.searchParams.set(key, String(value));
    }
    const type = isFile ? 'application/octet-stream' : 'application/json';
    const response = await request(url, {
      method,
      dispatcher: this.dispatcher,
      headers: { ...this.headers, ...(bytes === undefined ? {} : { 'content-type': type }) },
      body: bytes ?? null,
      signal: this.signal ? AbortSignal.any([this.signal, timeout]) : timeout,
    });
    const parts: Uint8Array[] = [];
    let size = 0;
    for await (const part of response.body as AsyncIterable<Uint8Array>) {
      size += part.length;
      if (size > MOST_BYTES) {
        throw new TrackingError(
          `TrackingHttp: the answer has no end. Got more than ${MOST_BYTES} bytes from ${this.uri}/${path}. Check that this is an MLflow server.`,
        );
      }
      parts.push(part);
    }
    const { location, 'retry-after': retryAfter } = response.headers;
    return {
      status: response.statusCode,
      location: String(location ?? ''),
      retryAfter: Number.parseFloat(String(retryAfter)),
      text: Buffer.concat(parts).toString('utf8'),
    };
  }

  private parsed({ path }: TrackingRequest, { text }: Answer): unknown {
    if (text.trim() === '') return {};
    try {
      return JSON.parse(text);
    } catch (error) {
      throw new TrackingError(
        `TrackingHttp: the answer is no JSON. ${this.uri}/${path} gave '${excerpt(text)}'. Check that this is an MLflow server, not its log-in page.`,
        { cause: error },
      );
    }
  }

  private refusal({ path }: TrackingRequest, { status, location, text }: Answer): TrackingError {
    if (status >= 300 && status < 400) {
      return new TrackingError(
        `TrackingHttp: the server is somewhere else. ${this.uri}/${path} sends to '${excerpt(location)}'. Pass that address.`,
        { status },
      );
    }
    let [code, message]: unknown[] = [];
    try {
      ({ error_code: code, message } = JSON.parse(text));
    } catch {
      message = text;
    }
    const advice =
      status === 401 || status === 403
        ? 'Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN'
        : isBusy(status)
          ? 'Try again later, or see its log'
          : 'See its log';
    return new TrackingError(
      `TrackingHttp: the server refuses. ${this.uri}/${path} answered ${status}: ${excerpt(String(message ?? ''))}. ${advice}.`,
      { status, ...(typeof code === 'string' ? { code } : {}) },
    );
  }

  private unreachable({ path }: TrackingRequest, error: unknown): TrackingError {
    const { code, message, name } = error as NodeJS.ErrnoException;
    const why =
      name === 'TimeoutError' ? 'it took too long' : message || code || 'the connection failed';
    return new TrackingError(
      `TrackingHttp: the server does not answer. ${this.uri}/${path}: ${excerpt(why)}. Check the address, and that 'mlflow server' runs there.`,
      { cause: error },
    );
  }
}

/** Nothing of a foreign text may steer a terminal. */
const excerpt = (text: string): string => text.replace(CONTROL, ' ').trim().slice(0, MOST_TEXT);
