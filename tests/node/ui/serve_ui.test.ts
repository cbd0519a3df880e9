import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigError } from '../../../src/errors.ts';
import type { PageServer } from '../../../src/node/local_server/page_server.ts';
import { LiveRecord } from '../../../src/node/runs/live_record.ts';
import { serveUi } from '../../../src/node/ui/serve_ui.ts';
import { writeJsonFile } from '../../../src/node/whole_file.ts';
import type { RunCurves, RunDetail, RunSummary } from '../../../src/train/run_listing.ts';
import { inTemporaryFolder } from '../../helpers/cli.ts';
import { damage, recordedStep, writeRecordedRun } from '../../helpers/recorded_run.ts';
import { writeTinyDataset } from '../../helpers/tiny_dataset.ts';

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

/** The path goes out as it is written: fetch would resolve `..`, and set Host itself. */
function send(
  port: number,
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, headers, method }, (response) => {
      let text = '';
      response.setEncoding('latin1');
      response.on('data', (part: string) => {
        text += part;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      );
    });
    asked.on('error', reject);
    asked.end();
  });
}

const query = (values: Record<string, string>) => new URLSearchParams(values).toString();

describe('serveUi', () => {
  let folder: string;
  let server: PageServer;
  let close: () => void;
  let closed: Promise<void>;
  const get = (path: string, headers?: Record<string, string>) => send(server.port, path, headers);

  beforeAll(async () => {
    await new Promise<void>((ready, fail) => {
      closed = inTemporaryFolder(async (made) => {
        folder = made;
        await prepare();
        ready();
        await new Promise<void>((resolve) => {
          close = resolve;
        });
        await server.close();
      });
      closed.catch(fail);
    });
  });

  afterAll(async () => {
    close();
    await closed;
  });

  /** Runs `a` (evaluated, on a data set) and `broken`, a page, and a file that nobody may read. */
  async function prepare(): Promise<void> {
    const [runs, data, page] = ['runs', 'data', 'page'].map((name) => join(folder, name));
    await writeRecordedRun(join(runs!, 'a'));
    await writeRecordedRun(join(runs!, 'broken'));
    await damage(join(runs!, 'broken', 'history.json'));
    const [first, second] = await writeTinyDataset(data!, { subjects: 4 });
    await writeJsonFile(join(runs!, 'a', 'split.json'), {
      train: [],
      validation: [],
      test: [first, second],
    });
    await mkdir(join(runs!, 'a', 'predictions'));
    await writeFile(join(runs!, 'a', 'predictions', `${first}_pred.nii.gz`), 'prediction');
    await writeFile(join(runs!, 'a', 'figures', 'training.png'), 'picture');
    const metrics = (dsc: number) => ({ dsc, hd95: 1, sens: 1, ldr: 1, rve: 0, hd95_mm: null });
    await writeJsonFile(join(runs!, 'a', 'evaluation', 'metrics.json'), {
      cases: [
        { name: first, ...metrics(0.9) },
        { name: second, ...metrics(0.4) },
      ],
      mean: metrics(0.65),
      std: metrics(0.35),
    });
    await writeFile(join(folder, 'secret.nii.gz'), 'secret');
    await symlink(join(folder, 'secret.nii.gz'), join(data!, 'imagesTr', 'linked.nii.gz'));
    await symlink(join(folder, 'secret.nii.gz'), join(runs!, 'a', 'figures', 'secret.png'));
    await mkdir(join(page!, 'assets'), { recursive: true });
    await writeFile(join(page!, 'index.html'), '<!doctype html>');
    await writeFile(join(page!, 'assets', 'main.js'), 'export {};');
    server = await serveUi({ root: runs!, data: data!, page: page!, port: 0 });
  }

  it('serves the page under a policy that allows no other origin', async () => {
    const page = await get('/');
    expect(page).toMatchObject({ status: 200, text: '<!doctype html>' });
    const policy = page.headers['content-security-policy'];
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/https?:|unsafe-inline|\*/);
    const script = await get('/assets/main.js');
    expect(script.headers['content-type']).toContain('text/javascript');
  });

  it('lists runs, the damaged one with its error', async () => {
    const { runs } = JSON.parse((await get('/api/runs')).text) as { runs: RunSummary[] };
    expect(runs.map(({ id, state }) => [id, state])).toEqual([
      ['a', 'finished'],
      ['broken', 'damaged'],
    ]);
    const broken = await get('/api/run?id=broken');
    expect(broken.status).toBe(409);
    expect(broken.text).toContain('history.json');
  });

  it('tells the cases of a run, the worst first, and which volumes they have', async () => {
    const detail = JSON.parse((await get('/api/run?id=a')).text) as RunDetail;
    expect(detail.classNames).toEqual(['background', 'ball']);
    expect(detail.figures).toEqual(['secret.png', 'training.png']);
    expect(detail.cases.slice(0, 3)).toEqual([
      {
        name: 'ball_1_b',
        section: 'test',
        dsc: 0.4,
        image: 'ball_1_b.nii.gz',
        label: 'ball_1_b.nii.gz',
        prediction: null,
      },
      expect.objectContaining({ name: 'ball_1_a', prediction: 'ball_1_a_pred.nii.gz' }),
      expect.objectContaining({ name: 'ball_2_a', section: null, dsc: null }),
    ]);
    expect(detail.evaluation?.mean.dsc).toBe(0.65);
  });

  it('sends curves from a step on', async () => {
    const curves = JSON.parse((await get('/api/curves?id=a&from=15')).text) as RunCurves;
    expect(curves).toMatchObject({ from: 15, totalSteps: 20 });
    expect(curves.loss).toHaveLength(5);
    expect(curves.loss[0]).toBeCloseTo(recordedStep(15).loss);
    expect(curves.epochs).toHaveLength(4);
  });

  it('sends figures and volumes of a run', async () => {
    const figure = await get('/api/figure?id=a&name=training.png');
    expect(figure).toMatchObject({ status: 200, text: 'picture' });
    const volume = (kind: string) =>
      get(`/api/volume?${query({ id: 'a', case: 'ball_1_a', kind })}`);
    expect(await volume('prediction')).toMatchObject({ status: 200, text: 'prediction' });
    const image = await volume('image');
    expect(image.status).toBe(200);
    expect(image.text.startsWith('\x1f\x8b')).toBe(true);
    expect(Number(image.headers['content-length'])).toBe(image.text.length);
  });

  it('refuses files that links lead to from outside', async () => {
    const volume = await get(`/api/volume?${query({ id: 'a', case: 'linked', kind: 'image' })}`);
    const figure = await get('/api/figure?id=a&name=secret.png');
    for (const { status, text } of [volume, figure]) {
      expect(status).toBe(404);
      expect(text).not.toContain('secret\n');
    }
  });

  it.each([
    '/../secret.nii.gz',
    '/..%2fsecret.nii.gz',
    '/assets/../../secret.nii.gz',
    '/%2e%2e/%2e%2e/etc/passwd',
    '//etc/passwd',
    '/api/figure?id=a&name=../../../secret.nii.gz',
    '/api/figure?id=a&name=..%2fconfig.json',
    '/api/figure?id=..&name=x.png',
    '/api/run?id=../data',
    '/api/run?id=%2fetc',
    '/api/volume?id=a&case=../../secret&kind=image',
    '/api/volume?id=a&case=ball_1_a&kind=toString',
    '/api/volume?id=a&case=__proto__&kind=image',
    '/api/none?id=a',
    '/index.html/..',
  ])('answers %s with not found, or the page', async (path) => {
    const { status, text } = await get(path);
    if (status !== 404) expect(text).toBe('<!doctype html>');
    expect(text).not.toContain('root:');
  });

  it('answers only under its own names', async () => {
    for (const host of ['localhost:5001', '127.0.0.1:1', '[::1]:80']) {
      expect((await get('/api/runs', { host })).status, host).toBe(200);
    }
    for (const host of ['evil.example', 'localhost.evil.example:5001', '10.0.0.1']) {
      expect((await get('/api/runs', { host })).status, host).toBe(421);
    }
  });

  it('answers neither other methods nor pages of other sites', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS']) {
      expect((await send(server.port, '/api/runs', {}, method)).status).toBe(405);
    }
    const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' };
    expect((await get('/api/runs', headers)).status).toBe(403);
  });

  it('tells listeners of a run that trains, as it goes on', async () => {
    const root = join(folder, 'runs', 'live');
    await writeRecordedRun(root, { totalSteps: 20, steps: 5 });
    const control = new AbortController();
    const stream = await fetch(`${server.url}api/events`, { signal: control.signal });
    expect(stream.headers.get('content-type')).toBe('text/event-stream');
    const seen: (RunSummary | undefined)[] = [];
    const live = await LiveRecord.start({
      root,
      data: 'scans',
      classNames: [],
      parameters: 1,
      totalSteps: 20,
      resumed: true,
    });
    let step = 5;
    const training = setInterval(() => live.step(recordedStep(step++)), 100);
    const decoder = new TextDecoder();
    let text = '';
    try {
      for await (const part of stream.body!) {
        text += decoder.decode(part, { stream: true });
        const messages = text.split('\n\n');
        text = messages.pop()!;
        for (const message of messages) {
          const data = /^event: runs\ndata: (.*)$/.exec(message)?.[1];
          if (data !== undefined) {
            seen.push((JSON.parse(data) as RunSummary[]).find(({ id }) => id === 'live'));
          }
        }
        const growing = seen.filter((run) => run?.state === 'running').map((run) => run!.steps);
        if (new Set(growing).size >= 3) break;
      }
    } finally {
      clearInterval(training);
      control.abort();
      await live.end();
    }
    const steps = seen.map((run) => run?.steps ?? 0);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
  });

  it('takes the next port where one is taken, and says so where all are', async () => {
    const other = createServer();
    const port = await new Promise<number>((resolve) => {
      other.listen(0, '127.0.0.1', () => {
        const address = other.address();
        resolve(typeof address === 'object' && address ? address.port : 0);
      });
    });
    const options = { root: join(folder, 'runs'), page: join(folder, 'page'), port };
    try {
      const next = await serveUi(options);
      expect(next.port).toBeGreaterThan(port);
      await next.close();
      await expect(serveUi({ ...options, attempts: 1 })).rejects.toThrow(`${port}`);
    } finally {
      other.close();
    }
  });

  it('a folder that is missing and a page that is not built are errors', async () => {
    const page = join(folder, 'page');
    const root = join(folder, 'runs');
    await expect(serveUi({ root: join(folder, 'none'), page, port: 0 })).rejects.toThrow(
      ConfigError,
    );
    await expect(serveUi({ root, page: root, port: 0 })).rejects.toThrow('npm run build');
  });
});
