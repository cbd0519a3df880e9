import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EngineProcess } from '../../../bench/peers/engine_process.ts';
import { engineSpecs } from '../../../bench/peers/engines.ts';
import { readTensors } from '../../../bench/peers/tensor_file.ts';
import { weightsFile, writeInputs } from '../../../bench/peers/workload.ts';
import { fakePeer } from '../../helpers/fake_peer.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'peers-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const SIZE = [32, 32, 16] as const;

test("voxgrad's engine writes its weights, and gives logits and all gradients", async () => {
  const engine = new EngineProcess(engineSpecs('python3')[0]!);
  try {
    const { version, adapter } = await engine.ask({ do: 'hello', threads: 1 }, 60);
    expect(version).toMatch(/^voxgrad \d/);
    expect(adapter!.length).toBeGreaterThan(0);
    await engine.ask({ do: 'prepare', folder }, 60);
    await writeInputs(folder, SIZE);
    await engine.ask({ do: 'load', folder, size: SIZE }, 60);

    const save = join(folder, 'results.safetensors');
    const { ms } = await engine.ask({ do: 'run', work: 'forward', save }, 60);
    expect(ms).toBeGreaterThan(0);
    const logits = (await readTensors(save)).get('logits')!;
    expect(logits.shape).toEqual([1, 2, ...SIZE]);

    await engine.ask({ do: 'run', work: 'step', save }, 60);
    const results = await readTensors(save);
    const weights = await readTensors(weightsFile(folder));
    expect([...results.keys()].sort()).toEqual(['loss', ...weights.keys()].sort());
    expect(results.get('loss')!.data[0]).toBeGreaterThan(0.1);
    for (const [name, { shape }] of weights) expect(results.get(name)!.shape).toEqual(shape);

    // The step has moved the weights; loading moves them back.
    await engine.ask({ do: 'run', work: 'forward', save }, 60);
    expect((await readTensors(save)).get('logits')!.data).not.toEqual(logits.data);
    await engine.ask({ do: 'load', folder, size: SIZE }, 60);
    await engine.ask({ do: 'run', work: 'forward', save }, 60);
    expect((await readTensors(save)).get('logits')!.data).toEqual(logits.data);
  } finally {
    await engine.stop();
  }
});

test('what went wrong is the error, and the engine lives on', async () => {
  const engine = new EngineProcess(fakePeer('b', join(folder, 'log')));
  try {
    await expect(engine.ask({ do: 'prepare', folder }, 60)).rejects.toThrow('hello has to come');
    expect((await engine.ask({ do: 'hello', threads: 1 }, 60)).version).toBe('fake b 1.0');
    expect(engine.hasEnded).toBe(false);
  } finally {
    await engine.stop();
  }
  expect(engine.hasEnded).toBe(true);
  await expect(engine.ask({ do: 'hello', threads: 1 }, 60)).rejects.toThrow('was stopped');
});

test('a program that ends at once is quoted', async () => {
  const script = 'console.error("no driver\\nWarning: deprecated"); process.exit(3)';
  const command = [process.execPath, '-e', script] as const;
  const engine = new EngineProcess({ ...fakePeer('b', ''), command });
  await expect(engine.ask({ do: 'hello', threads: 1 }, 60)).rejects.toThrow(
    'ended with exit code 3: no driver',
  );
  await engine.stop();
});
