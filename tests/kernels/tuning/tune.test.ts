import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Problem, problemKey } from '../../../src/gpu/choices.ts';
import type { Gpu } from '../../../src/gpu/device.ts';
import * as wgsl from '../../../src/gpu/wgsl.generated.ts';
import { adapterKey, type ChoiceStore } from '../../../src/kernels/tuning/choice_cache.ts';
import { type TuneOptions, tune } from '../../../src/kernels/tuning/tune.ts';
import { CONV3D_FORWARD } from '../../../src/kernels/variants/conv3d_forward.ts';
import { openGpu } from '../../../src/node/dawn.ts';
import { conv3dSizes, convOutputShape, convParams } from '../../../src/shape.ts';
import { MemoryStore } from '../../helpers/stored_kernels.ts';

const problem = (batch: number, side = 16, channels = 8): Problem => ({
  op: 'conv3d',
  pass: 'forward',
  dtype: 'f32',
  sizes: conv3dSizes('test', [batch, channels, side, side, side], [channels, channels, 3, 3, 3], {
    padding: 1,
  }),
});

/** A kernel that was never shipped, first in the list for the test. */
async function withVariant(
  variant: (typeof CONV3D_FORWARD)[number],
  at: number,
  work: () => Promise<void>,
): Promise<void> {
  const list = CONV3D_FORWARD as (typeof CONV3D_FORWARD)[number][];
  list.splice(at, 0, variant);
  try {
    await work();
  } finally {
    list.splice(list.indexOf(variant), 1);
  }
}

describe('tune', () => {
  let gpu: Gpu;
  const notes: string[] = [];
  const run = (problems: readonly Problem[], store: ChoiceStore, options: TuneOptions = {}) =>
    tune(gpu, problems, { open: openGpu, store, onNote: (note) => notes.push(note), ...options });
  beforeAll(async () => {
    gpu = await openGpu();
  });
  afterAll(() => gpu.destroy());

  test('chooses a kernel of the list, stores it, and does not measure again', async () => {
    const store = new MemoryStore();
    const progress: string[] = [];
    const options = {
      onProgress: (done: number, total: number) => progress.push(`${done}/${total}`),
    };
    const first = await run([problem(1)], store, options);
    expect(first).toMatchObject({ measured: 1, stored: 0, left: 0 });
    expect(progress).toEqual(['0/1', '1/1']);
    const again = await run([problem(1)], store, {
      open: () => Promise.reject(new Error('opened')),
    });
    expect(again).toMatchObject({ measured: 0, stored: 1, left: 0, chosen: first.chosen });
    expect(store.saves).toBe(1);
    const names = CONV3D_FORWARD.map(({ name }) => name);
    for (const name of Object.values(first.chosen)) expect(names).toContain(name);
  });

  test('a kernel that is wrong, writes nothing, does not compile or throws never wins', async () => {
    const naive = CONV3D_FORWARD.at(-1)!;
    const bad = [
      {
        name: 'wrong',
        suits: () => true,
        // Right but for the padding.
        run: (scope, inputs, sizes) => naive.run(scope, inputs, { ...sizes, padding: [0, 0, 0] }),
      },
      {
        name: 'lazy',
        suits: () => true,
        run: (scope, _, sizes) => scope.tensor([sizes.batch, sizes.outChannels, ...sizes.output]),
      },
      {
        name: 'does not compile',
        suits: () => true,
        run: (scope, { x, weight, bias }, sizes) => {
          const y = scope.tensor(convOutputShape(sizes));
          const shader = { ...wgsl.conv3dForwardNaive, name: 'bad', code: 'fn main( {' };
          scope.dispatch(shader, {
            params: { ...convParams(sizes), has_bias: 0 },
            buffers: { x, weight, bias: bias ?? weight, y },
            threads: y.size,
          });
          return y;
        },
      },
      {
        name: 'broken',
        suits: () => true,
        run: () => {
          throw new Error('out of memory');
        },
      },
    ] satisfies (typeof CONV3D_FORWARD)[number][];
    for (const variant of bad) {
      await withVariant(variant, 0, async () => {
        notes.length = 0;
        const { chosen, measured } = await run([problem(1)], new MemoryStore());
        expect(measured).toBe(1);
        expect(notes.join('\n')).toContain(`${variant.name} is struck out`);
        // One that cannot even be asked for its kernels is no default either.
        if (variant.name === 'broken') return;
        // The default was struck out, so that some other kernel is named.
        expect(Object.values(chosen)).not.toContain(variant.name);
        expect(Object.keys(chosen)).toEqual([problemKey(problem(1))]);
      });
    }
  });

  test('a changed kernel, another adapter and a choice that no longer exists are measured again', async () => {
    const store = new MemoryStore();
    await run([problem(1)], store);
    const text = store.text!;
    for (const stale of [
      text.replace(/"kernels": "\w+"/, '"kernels": "0123456789abcdef"'),
      text.replace(JSON.stringify(adapterKey(gpu)), '"other hardware"'),
      text.replace(/"variant": "\w+"/, '"variant": "gone"'),
    ]) {
      expect(stale).not.toBe(text);
      store.text = stale;
      expect(await run([problem(1)], store)).toMatchObject({ measured: 1, stored: 0 });
    }
    expect(JSON.parse(store.text!).adapters).toBeTypeOf('object');
  });

  test.each(['{', '[]', '{"version":2,"adapters":{}}', '{"version":1,"adapters":{"a":{"b":1}}}'])(
    'a file that is none is replaced, and that is said: %s',
    async (text) => {
      const store = new MemoryStore();
      store.text = text;
      notes.length = 0;
      expect(await run([problem(1)], store)).toMatchObject({ measured: 1 });
      expect(notes.join('\n')).toMatch(/kernel choices in memory are not used and replaced/);
      expect(await run([problem(1)], store)).toMatchObject({ measured: 0, stored: 1 });
    },
  );

  test('a store that fails costs a note, not the run', async () => {
    const store: ChoiceStore = {
      place: '/read-only',
      load: () => Promise.reject(new Error('EACCES')),
      save: () => Promise.reject(new Error('EROFS')),
    };
    notes.length = 0;
    expect(await run([problem(1)], store)).toMatchObject({ measured: 1 });
    expect(notes.join('\n')).toMatch(/EACCES[\s\S]*\/read-only cannot be written: EROFS/);
  });

  test('what another process stored meanwhile stays', async () => {
    const store = new MemoryStore();
    await run([problem(1)], store);
    const other = store.text!;
    const late = new MemoryStore();
    late.load = async () => (late.saves++ === 0 ? undefined : other);
    await run([problem(1, 20)], late);
    const stored = Object.values(JSON.parse(late.text!).adapters as Record<string, object>)[0]!;
    expect(Object.keys(stored).sort()).toEqual([problem(1), problem(1, 20)].map(problemKey).sort());
  });

  test('problems that differ in their batch are measured once, and chosen alike', async () => {
    const store = new MemoryStore();
    const result = await run([problem(1), problem(2)], store);
    expect(result.measured).toBe(1);
    const names = [1, 2].map((batch) => result.chosen[problemKey(problem(batch))]);
    expect(names[0]).toBe(names[1]);
    const later = await run([problem(3)], store);
    expect(later).toMatchObject({ measured: 0, stored: 1 });
    expect(later.chosen[problemKey(problem(3))]).toBe(names[0]);
  });

  test('small problems, and all without a device to try them on, keep the default', async () => {
    const store = new MemoryStore();
    expect(await run([problem(1, 4, 2)], store)).toMatchObject({
      measured: 0,
      left: 1,
      chosen: {},
    });
    expect(await tune(gpu, [problem(1)], { store })).toMatchObject({ measured: 0, left: 1 });
    expect(store.saves).toBe(0);
  });

  test('time that is over leaves the rest, an abort ends it', async () => {
    expect(await run([problem(1)], new MemoryStore(), { maxSeconds: -1 })).toMatchObject({
      left: 1,
    });
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(run([problem(1)], new MemoryStore(), { signal })).rejects.toThrow('enough');
  });
});
