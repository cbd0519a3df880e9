/**
 * An engine for tests of `bench/peers`: a process that speaks the protocol and computes nothing.
 * Started as `fake_peer.ts NAME LOG BEHAVIOUR`; it writes down when it works.
 */
import { appendFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { EngineSpec } from '../../bench/peers/engines.ts';
import { script } from '../../bench/peers/engines.ts';
import { serve } from '../../bench/peers/serve.ts';
import type { NamedTensor, Tensors } from '../../bench/peers/tensor_file.ts';

export type Behaviour = 'right' | 'wrong' | 'no gradient' | 'hangs' | 'crashes' | 'fails' | 'noisy';

/** @param log file that gets `start NAME`, `end NAME` and `pid NUMBER` lines */
export const fakePeer = (
  name: string,
  log: string,
  behaviour: Behaviour = 'right',
  trains = true,
): EngineSpec => ({
  name,
  title: `fake ${name}`,
  trains,
  packages: [],
  command: script(import.meta.filename, name, log, behaviour),
});

const tensor = (...values: number[]): NamedTensor => ({
  shape: [values.length],
  data: Float32Array.from(values),
});

const RIGHT = { logits: tensor(1, -2), loss: tensor(0.5), 'a.weight': tensor(3, 4) };

const WEIGHTS: Tensors = new Map([['a.weight', tensor(1, 2)]]);

async function main(name: string, log: string, behaviour: Behaviour): Promise<void> {
  const write = (line: string): void => appendFileSync(log, `${line}\n`);
  const work = async (results: Tensors, save: boolean): Promise<Tensors | undefined> => {
    write(`start ${name}`);
    if (behaviour === 'hangs') await pause(60_000);
    if (behaviour === 'crashes') process.kill(process.pid, 'SIGABRT');
    if (behaviour === 'fails') throw new Error('dispatch of 70000 workgroups');
    if (behaviour === 'noisy') {
      console.log('{"id":1,"ok":{}}');
      process.stdout.write('library says hello\n{"id":99,"ok":{"ms":1}}\n{broken\n');
    }
    await pause(20);
    write(`end ${name}`);
    return save ? results : undefined;
  };
  write(`pid ${process.pid}`);
  await serve(async () => {
    const { logits, loss, 'a.weight': gradient } = RIGHT;
    const isWrong = behaviour === 'wrong';
    return {
      description: { version: `fake ${name} 1.0`, adapter: 'fake adapter' },
      weights: async () => WEIGHTS,
      load: async (weights) => {
        if (weights.get('a.weight')?.data[1] !== 2) throw new Error('other weights than prepared');
      },
      forward: (save) => work(new Map([['logits', logits]]), save),
      step: (save) => {
        const found = isWrong ? tensor(3, 5) : gradient;
        const results: [string, NamedTensor][] = [
          ['loss', loss],
          ['a.weight', found],
        ];
        return work(new Map(behaviour === 'no gradient' ? results.slice(0, 1) : results), save);
      },
    };
  });
}

// Imported by a test it is no engine.
if (process.argv[1] === import.meta.filename) {
  const [name, log, behaviour] = process.argv.slice(2);
  await main(name!, log!, behaviour as Behaviour);
}
