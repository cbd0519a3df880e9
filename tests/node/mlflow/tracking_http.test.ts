import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TrackingError } from '../../../src/node/mlflow/tracking_error.ts';
import { TrackingHttp, type TrackingHttpOptions } from '../../../src/node/mlflow/tracking_http.ts';
import { type FakeAnswer, FakeMlflow, type Fault } from '../../helpers/fake_mlflow.ts';

let server: FakeMlflow;
const clients: TrackingHttp[] = [];

beforeEach(async () => {
  server = await new FakeMlflow().start();
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await server.stop();
});

function client(options: TrackingHttpOptions = {}): TrackingHttp {
  const made = new TrackingHttp(server.uri, { env: {}, backoffMs: 1, ...options });
  clients.push(made);
  return made;
}

/** The faults one after the other, then none. */
function failWith(...faults: Fault[]): void {
  server.fault = () => faults.shift();
}

const answer = (status: number, text = '', headers = {}): FakeAnswer => ({ status, text, headers });
const ask = { method: 'GET', path: 'api/2.0/mlflow/experiments/get-by-name' } as const;
const make = {
  method: 'POST',
  path: 'api/2.0/mlflow/experiments/create',
  body: { name: 'a' },
} as const;

async function failure(promise: Promise<unknown>): Promise<TrackingError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(TrackingError);
  return error as TrackingError;
}

describe('repetition', () => {
  test('a request that may be repeated survives a busy server and broken connections', async () => {
    failWith(answer(503), 'before', 'after');
    await client()
      .send({ ...make, repeatable: true })
      .catch(() => undefined);
    expect(server.requests.length).toBe(4);
  });

  test('a request that must not happen twice is sent once when its answer is lost', async () => {
    failWith('after');
    expect((await failure(client().send(make))).message).toContain('does not answer');
    expect(server.requests.length).toBe(1);
    expect(server.experiments.size).toBe(1);
  });

  test('nor is it sent again after an error in the middle of the server', async () => {
    failWith(answer(500, '{"error_code": "INTERNAL_ERROR", "message": "disk full"}'));
    const error = await failure(client().send(make));
    expect(error.message).toContain('disk full');
    expect(error.code).toBe('INTERNAL_ERROR');
    expect(server.requests.length).toBe(1);
  });

  test('but where the server says that it has done nothing, it is', async () => {
    failWith(answer(429, '', { 'retry-after': '0' }));
    expect(await client().send(make)).toEqual({ experiment_id: '1' });
  });

  test('a refusal is not repeated', async () => {
    const error = await failure(client().send({ ...ask, repeatable: true }));
    expect([error.status, error.code]).toEqual([404, 'RESOURCE_DOES_NOT_EXIST']);
    expect(server.requests.length).toBe(1);
  });

  test('attempts end', async () => {
    server.fault = () => answer(502, 'Bad Gateway');
    const error = await failure(client({ retries: 2 }).send({ ...ask, repeatable: true }));
    expect(error.message).toContain('502: Bad Gateway');
    expect(server.requests.length).toBe(3);
  });
});

describe('what can be wrong with a server', () => {
  test('nobody listens', async () => {
    await server.stop();
    const error = await failure(client({ retries: 1 }).send(ask));
    expect(error.message).toMatch(/does not answer.*ECONNREFUSED.*mlflow server/);
  });

  test('it takes too long', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const http = new TrackingHttp(`http://127.0.0.1:${port}`, { timeoutMs: 50, retries: 0 });
    clients.push(http);
    expect((await failure(http.send(ask))).message).toContain('took too long');
    silent.closeAllConnections();
    silent.close();
  });

  test('it asks for a password', async () => {
    failWith(answer(401, 'Unauthorized'));
    expect((await failure(client().send(ask))).message).toContain('MLFLOW_TRACKING_USERNAME');
  });

  test('it is somewhere else, and gets neither the request nor the password there', async () => {
    failWith(answer(301, '', { location: 'https://elsewhere.org/' }));
    expect((await failure(client().send(ask))).message).toContain("'https://elsewhere.org/'");
    expect(server.requests.length).toBe(1);
  });

  test('it is another kind of server', async () => {
    failWith(answer(200, '<html><title>Log in</title>'));
    expect((await failure(client().send(ask))).message).toMatch(/no JSON.*Log in/);
  });

  test('its words do not steer the terminal, nor fill it', async () => {
    failWith(answer(400, `\x1b[2J\x1b]0;owned\x07${'x'.repeat(10_000)}`));
    const { message } = await failure(client().send(ask));
    expect(message).not.toMatch(/\p{Cc}/u);
    expect(message.length).toBeLessThan(800);
  });

  test('its answer has no end', async () => {
    const endless = createServer((_, response) => {
      const chunk = Buffer.alloc(2 ** 20, ' ');
      const more = (): void => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', more);
      more();
    });
    await new Promise<void>((resolve) => endless.listen(0, '127.0.0.1', resolve));
    const { port } = endless.address() as AddressInfo;
    const http = new TrackingHttp(`http://127.0.0.1:${port}`);
    clients.push(http);
    expect((await failure(http.send(ask))).message).toContain('no end');
    endless.closeAllConnections();
    endless.close();
  });
});

test('credentials go along with every request', async () => {
  await client({ env: { MLFLOW_TRACKING_TOKEN: 'abc' } }).send(make);
  expect(server.requests[0]!.headers.authorization).toBe('Bearer abc');
});

test('an abort ends a request with its own reason', async () => {
  const controller = new AbortController();
  server.fault = () => {
    controller.abort(new Error('enough'));
    return answer(503);
  };
  const http = client({ signal: controller.signal, backoffMs: 10_000 });
  await expect(http.send({ ...ask, repeatable: true })).rejects.toThrow(/enough|abort/);
});
