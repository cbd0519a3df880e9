import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { putArtifact } from '../../../src/node/mlflow/artifact_store.ts';
import { TrackingHttp } from '../../../src/node/mlflow/tracking_http.ts';
import { inTemporaryFolder } from '../../helpers/cli.ts';
import { FakeMlflow } from '../../helpers/fake_mlflow.ts';

const BYTES = Uint8Array.of(0, 255, 10, 13, 128);
let server: FakeMlflow;
let http: TrackingHttp;

beforeEach(async () => {
  server = await new FakeMlflow().start();
  http = new TrackingHttp(server.uri, { env: {}, backoffMs: 1 });
});

afterEach(async () => {
  await http.close();
  await server.stop();
});

test.each(['mlflow-artifacts:/1/r/artifacts', 'mlflow-artifacts://host:5000/1/r/artifacts'])(
  'a server that hands files on gets the bytes as they are: %s',
  async (uri) => {
    await putArtifact(http, uri, 'figures/loss 1%.png', BYTES);
    expect([...server.artifacts]).toEqual([
      ['1/r/artifacts/figures/loss 1%.png', Buffer.from(BYTES)],
    ]);
  },
);

test('so does one that names its own address', async () => {
  const root = `${server.uri}/api/2.0/mlflow-artifacts/artifacts/1/r/artifacts`;
  await putArtifact(http, root, 'a.json', BYTES);
  expect([...server.artifacts.keys()]).toEqual(['1/r/artifacts/a.json']);
});

test('an upload is tried again', async () => {
  let left = 2;
  server.fault = () => (left-- > 0 ? 'before' : undefined);
  await putArtifact(http, 'mlflow-artifacts:/1', 'a', BYTES);
  expect(server.artifacts.get('1/a')).toEqual(Buffer.from(BYTES));
});

test("a folder of this machine is written where the server's runs lie, and nowhere else", async () => {
  await inTemporaryFolder(async (folder) => {
    await putArtifact(http, `file://${folder}/1/r/artifacts`, 'figures/a.png', BYTES);
    const written = await readFile(join(folder, '1/r/artifacts/figures/a.png'));
    expect(written).toEqual(Buffer.from(BYTES));
    const lost = putArtifact(http, `${folder}/none/1/r/artifacts`, 'a.png', BYTES);
    await expect(lost).rejects.toThrow('--serve-artifacts');
  });
});

test.each(['s3://bucket/1/r/artifacts', 'dbfs:/1', 'http://elsewhere.org/x', 'relative'])(
  'a store that only the server can reach is refused with what to do: %s',
  async (uri) => {
    await expect(putArtifact(http, uri, 'a', BYTES)).rejects.toThrow('--serve-artifacts');
    expect(server.requests).toEqual([]);
  },
);
