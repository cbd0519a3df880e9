/** Where a tracking server is, and who asks. */
import { ConfigError } from '../../errors.ts';

/** Environment variables, MLflow's own names. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The address without a slash at its end.
 *
 * @throws ConfigError for what is no http or https address, and for one that holds a password: it
 * would be written into the run folder
 * Differs from MLflow: databases and folders are no tracking servers, the run folder is the local store.
 */
export function trackingUri(text: string): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw notHttp(text);
  }
  if (url.username !== '' || url.password !== '') {
    throw new ConfigError(
      `trackingUri: the address holds a user or a password. Got one for ${url.host}. Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN, instead.`,
    );
  }
  if (!/^https?:$/.test(url.protocol)) throw notHttp(text);
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

const notHttp = (text: string): ConfigError =>
  new ConfigError(
    `trackingUri: this is no address of an MLflow server. Got '${text}'. Pass http://HOST:PORT of a running 'mlflow server'.`,
  );

/** The Authorization header: user and password before token, as MLflow's client does; or undefined. */
export function authorization(env: Environment): string | undefined {
  const { MLFLOW_TRACKING_USERNAME, MLFLOW_TRACKING_PASSWORD, MLFLOW_TRACKING_TOKEN } = env;
  if (MLFLOW_TRACKING_USERNAME && MLFLOW_TRACKING_PASSWORD) {
    const pair = `${MLFLOW_TRACKING_USERNAME}:${MLFLOW_TRACKING_PASSWORD}`;
    return `Basic ${Buffer.from(pair).toString('base64')}`;
  }
  return MLFLOW_TRACKING_TOKEN ? `Bearer ${MLFLOW_TRACKING_TOKEN}` : undefined;
}

/** Whether an address is on this machine: no proxy leads there. */
export const isLoopback = (uri: string): boolean =>
  /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(uri).hostname);
