import { existsSync } from 'node:fs';
import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type DownloadOptions, downloadFile } from '../../../src/node/decathlon/download.ts';
import { inTemporaryFolder } from '../../helpers/cli.ts';
import {
  cutWhenStored,
  type FileServer,
  type Handler,
  rangeStart,
  sendFile,
  withServer,
} from '../../helpers/file_server.ts';

const FILE = Uint8Array.from({ length: 300_000 }, (_, n) => (n * 2654435761) >>> 13);
const OTHER = FILE.map((byte) => byte ^ 255);

/** The part of the download at hand, for servers that must know what has arrived. */
let stored = '';

interface Result {
  readonly server: FileServer;
  readonly part: string;
  readonly warnings: string[];
  readonly progress: [number, number | undefined][];
  readonly error: Error | undefined;
}

/** Downloads from `handler`, then lets `check` look. */
function download(
  handler: Handler,
  check: (result: Result) => Promise<void>,
  options: DownloadOptions = {},
  begin: (part: string, url: string) => Promise<void> = async () => {},
): Promise<void> {
  return inTemporaryFolder((folder) =>
    withServer(handler, async (server) => {
      const part = join(folder, 'file.part');
      stored = part;
      const warnings: string[] = [];
      const progress: [number, number | undefined][] = [];
      const url = `${server.url}/file.tar`;
      await begin(part, url);
      const error = await downloadFile(url, part, {
        backoffMs: 1,
        stallMs: 5000,
        onWarning: (message) => warnings.push(message),
        onProgress: (done, total) => progress.push([done, total]),
        ...options,
      }).then(
        () => undefined,
        (thrown: Error) => thrown,
      );
      await check({ server, part, warnings, progress, error });
    }),
  );
}

async function expectWhole({ part, error }: Result, file = FILE): Promise<void> {
  expect(error).toBeUndefined();
  expect(Buffer.compare(await readFile(part), file)).toBe(0);
  expect(existsSync(`${part}.json`)).toBe(false);
}

const begun = (bytes: Uint8Array, validator: string) => async (part: string, url: string) => {
  await writeFile(part, bytes);
  await writeFile(`${part}.json`, JSON.stringify({ url, validator, total: FILE.length }));
};

describe('downloadFile', () => {
  test('fills the file and tells how much there is', () =>
    download(
      (request, response) => sendFile(request, response, FILE, { etag: '"1"' }),
      async (result) => {
        await expectWhole(result);
        expect(result.server.requests).toHaveLength(1);
        expect(result.server.requests[0]?.headers['accept-encoding']).toBe('identity');
        expect(result.progress[0]).toEqual([0, FILE.length]);
        expect(result.progress.at(-1)).toEqual([FILE.length, FILE.length]);
      },
    ));

  test('goes on where a connection broke, again and again', () =>
    download(
      (request, response) => {
        const cutAt = rangeStart(request) + 50_000;
        sendFile(request, response, FILE, {
          etag: '"1"',
          ...(cutAt < FILE.length ? { cutAt, stored } : {}),
        });
      },
      async (result) => {
        await expectWhole(result);
        const starts = result.server.requests.map(rangeStart);
        // More breaks than tries: each brought something new.
        expect(starts.length).toBeGreaterThan(5);
        expect(starts).toEqual(starts.toSorted((a, b) => a - b));
        expect(starts.at(-1)).toBe(250_000);
        expect(result.warnings[0]).toMatch(/after \d+ bytes; trying again/);
      },
      { tries: 3 },
    ));

  test.each([
    ['an ETag', { etag: '"1"' }, '"1"'],
    ['a date', { lastModified: 'Mon, 23 Nov 2026 10:00:00 GMT' }, 'Mon, 23 Nov 2026 10:00:00 GMT'],
  ])('continues what an earlier call left, known by %s', (_, answer, validator) =>
    download(
      (request, response) => sendFile(request, response, FILE, answer),
      async (result) => {
        await expectWhole(result);
        expect(result.server.requests.map(rangeStart)).toEqual([100_000]);
        expect(result.progress[0]).toEqual([100_000, FILE.length]);
      },
      {},
      begun(FILE.subarray(0, 100_000), validator),
    ),
  );

  test('a part that is whole already is not asked for again', () =>
    download(
      (request, response) => sendFile(request, response, FILE, { etag: '"1"' }),
      async (result) => {
        await expectWhole(result);
        expect(result.server.requests).toHaveLength(1);
      },
      {},
      begun(FILE, '"1"'),
    ));

  test('a file that changed between two calls is taken from its start', () =>
    download(
      (request, response) => sendFile(request, response, FILE, { etag: '"2"' }),
      (result) => expectWhole(result),
      {},
      begun(OTHER.subarray(0, 100_000), '"1"'),
    ));

  test('a file that changes between two tries is not put together from both', () =>
    download(
      (request, response, count) =>
        count === 0
          ? sendFile(request, response, OTHER, { etag: '"1"', cutAt: 50_000, stored })
          : sendFile(request, response, FILE, { etag: '"2"' }),
      (result) => expectWhole(result),
    ));

  test('nor where the server does not heed If-Range', () =>
    download(
      (request, response, count) => {
        request.headers['if-range'] = '"2"';
        if (count === 0) sendFile(request, response, OTHER, { etag: '"1"', cutAt: 50_000, stored });
        else sendFile(request, response, FILE, { etag: '"2"' });
      },
      async (result) => {
        await expectWhole(result);
        expect(result.server.requests.map(rangeStart)).toEqual([0, 50_000, 0]);
      },
    ));

  test('a server without ranges, or without a validator, starts over', async () => {
    for (const etag of ['"1"', undefined]) {
      await download(
        (request, response, count) => {
          delete request.headers.range;
          sendFile(request, response, FILE, {
            ...(etag ? { etag } : {}),
            ...(count < 2 ? { cutAt: 90_000, stored } : {}),
          });
        },
        async (result) => {
          await expectWhole(result);
          expect(result.server.requests).toHaveLength(3);
        },
      );
    }
  });

  test('a part without its state is nobody’s', () =>
    download(
      (request, response) => sendFile(request, response, FILE, { etag: '"1"' }),
      (result) => expectWhole(result),
      {},
      (part) => writeFile(part, OTHER),
    ));

  test('a range that starts elsewhere is not appended', () =>
    download(
      (request, response, count) => {
        if (count > 0) return sendFile(request, response, FILE, { etag: '"1"' });
        response.setHeader('content-range', `bytes 10-${FILE.length - 1}/${FILE.length}`);
        response.writeHead(206, { etag: '"1"' }).end(FILE.subarray(10));
      },
      (result) => expectWhole(result),
      {},
      begun(FILE.subarray(0, 100_000), '"1"'),
    ));

  test('a length beyond the file is given up, with what came and what to do', () =>
    download(
      (request, response) => {
        const start = rangeStart(request);
        response.writeHead(start > 0 ? 206 : 200, {
          etag: '"1"',
          'content-length': FILE.length + 1000 - start,
          'content-range': `bytes ${start}-${FILE.length + 999}/${FILE.length + 1000}`,
        });
        response.write(FILE.subarray(start));
        cutWhenStored(response, stored, FILE.length);
      },
      async ({ error, part, server }) => {
        expect(error?.message).toMatch(/does not get on.*300000 bytes are in .*file\.part/);
        expect(await readFile(part)).toHaveLength(FILE.length);
        expect(server.requests).toHaveLength(4);
      },
      { tries: 3 },
    ));

  test('a length short of the file takes no byte more', () =>
    download(
      (_, response) => {
        response.socket?.end(
          Buffer.concat([
            Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\nconnection: close\r\n\r\n'),
            FILE,
          ]),
        );
      },
      async ({ part }) => expect((await readFile(part)).length).toBeLessThanOrEqual(1000),
      { tries: 2 },
    ));

  test('follows redirects, but not for ever', async () => {
    await download(
      (request, response) =>
        request.url === '/moved'
          ? sendFile(request, response, FILE)
          : response.writeHead(302, { location: '/moved' }).end(),
      (result) => expectWhole(result),
    );
    await download(
      (_, response) => response.writeHead(302, { location: '/file.tar' }).end(),
      async ({ error, server }) => {
        expect(error?.message).toMatch(/answers 302/);
        expect(server.requests.length).toBeLessThan(10);
      },
    );
  });

  test('404 is final; 503 is tried again, when the server wants it', async () => {
    await download(
      (_, response) => response.writeHead(404).end('no'),
      async ({ error, server, part }) => {
        expect(error?.message).toMatch(/answers 404.*\/file\.tar.*mirror/);
        expect(server.requests).toHaveLength(1);
        expect(existsSync(part)).toBe(false);
      },
    );
    await download(
      (request, response, count) =>
        count < 2
          ? response.writeHead(503, { 'retry-after': '0' }).end()
          : sendFile(request, response, FILE),
      async (result) => {
        await expectWhole(result);
        expect(result.warnings).toHaveLength(2);
      },
      { backoffMs: 600_000 },
    );
    await download(
      (_, response) => response.writeHead(503).end(),
      async ({ error, server }) => {
        expect(error?.message).toMatch(/answers 503, 2 times in a row/);
        expect(server.requests).toHaveLength(2);
      },
      { tries: 2 },
    );
  });

  test('compressed answers are refused', () =>
    download(
      (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(FILE),
      async ({ error }) => expect(error?.message).toMatch(/compressed \(gzip\)/),
    ));

  test('a connection that falls silent is broken', () =>
    download(
      (request, response, count) => {
        if (count > 0) return sendFile(request, response, FILE, { etag: '"1"' });
        response.writeHead(200, { etag: '"1"', 'content-length': FILE.length });
        response.write(FILE.subarray(0, 70_000));
      },
      async (result) => {
        await expectWhole(result);
        expect(result.server.requests.map(rangeStart)).toEqual([0, 70_000]);
      },
      { stallMs: 2000 },
    ));

  test('so is a server that never answers', () =>
    download(
      () => {},
      async ({ error, server }) => {
        expect(error?.message).toMatch(/does not get on/);
        expect(server.requests).toHaveLength(2);
      },
      { stallMs: 200, tries: 2 },
    ));

  test('an abort keeps what came for the next call', () =>
    inTemporaryFolder((folder) =>
      withServer(
        (request, response, count) => {
          if (count > 0) return sendFile(request, response, FILE, { etag: '"1"' });
          response.writeHead(200, { etag: '"1"', 'content-length': FILE.length });
          response.write(FILE.subarray(0, 70_000));
        },
        async ({ url, requests }) => {
          const part = join(folder, 'file.part');
          const controller = new AbortController();
          const reason = new Error('enough');
          const first = downloadFile(url, part, {
            signal: controller.signal,
            onProgress: (done) => done >= 70_000 && controller.abort(reason),
          });
          await expect(first).rejects.toBe(reason);
          expect(await readFile(part)).toHaveLength(70_000);
          await downloadFile(url, part);
          expect(Buffer.compare(await readFile(part), FILE)).toBe(0);
          expect(requests.map(rangeStart)).toEqual([0, 70_000]);
        },
      ),
    ));

  test('an abort ends the pause before another try, too', () =>
    inTemporaryFolder((folder) =>
      withServer(
        (_, response) => response.writeHead(503).end(),
        async ({ url }) => {
          const controller = new AbortController();
          const reason = new Error('enough');
          const running = downloadFile(url, join(folder, 'file.part'), {
            signal: controller.signal,
            backoffMs: 600_000,
            onWarning: () => controller.abort(reason),
          });
          await expect(running).rejects.toBe(reason);
        },
      ),
    ));

  test.skipIf(!existsSync('/dev/full'))('a full disk is named, and not tried again', () =>
    download(
      (request, response) => sendFile(request, response, FILE, { etag: '"1"' }),
      async ({ error, server }) => {
        expect(error?.message).toMatch(/disk is full.*Make room/);
        expect(server.requests).toHaveLength(1);
      },
      {},
      (part) => symlink('/dev/full', part),
    ),
  );

  test('goes through the proxy that the environment names, except where it must not', () =>
    inTemporaryFolder((folder) =>
      withServer(
        (request, response) => {
          // A proxy is asked for whole addresses.
          expect(request.url).toBe('http://data.example/file.tar');
          sendFile(request, response, FILE);
        },
        async (proxy) => {
          const before = { ...process.env };
          const part = join(folder, 'file.part');
          const names = ['http_proxy', 'HTTP_PROXY', 'no_proxy', 'NO_PROXY'];
          for (const name of names) delete process.env[name];
          try {
            process.env.HTTP_PROXY = proxy.url;
            await downloadFile('http://data.example/file.tar', part);
            expect(Buffer.compare(await readFile(part), FILE)).toBe(0);
            expect(proxy.requests).toHaveLength(1);
            process.env.NO_PROXY = '127.0.0.1';
            await withServer(
              (request, response) => sendFile(request, response, OTHER),
              async ({ url }) => downloadFile(`${url}/other.tar`, `${part}2`),
            );
            expect(Buffer.compare(await readFile(`${part}2`), OTHER)).toBe(0);
            expect(proxy.requests).toHaveLength(1);
          } finally {
            for (const name of names) {
              if (before[name] === undefined) delete process.env[name];
              else process.env[name] = before[name];
            }
          }
        },
      ),
    ));
});
