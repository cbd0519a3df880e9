import { describe, expect, it } from 'vitest';
import { createStore } from '../../web/common/store.ts';

describe('store', () => {
  it('calls a listener at once, and once for changes made together', async () => {
    const store = createStore({ a: 1, b: 1 });
    const seen: string[] = [];
    store.subscribe(() => seen.push(JSON.stringify(store.get())));
    store.set({ a: 2 });
    store.set({ b: 2 });
    await Promise.resolve();
    expect(seen).toEqual(['{"a":1,"b":1}', '{"a":2,"b":2}']);
  });

  it('hears a change that a listener makes', async () => {
    const store = createStore({ count: 0 });
    const seen: number[] = [];
    store.subscribe(() => {
      const { count } = store.get();
      seen.push(count);
      if (count === 1) store.set({ count: 2 });
    });
    store.set({ count: 1 });
    await Promise.resolve();
    await Promise.resolve();
    expect(seen).toEqual([0, 1, 2]);
  });

  it('leaves a listener alone that has ended its subscription', async () => {
    const store = createStore({ count: 0 });
    let calls = 0;
    const end = store.subscribe(() => {
      calls++;
    });
    end();
    store.set({ count: 1 });
    await Promise.resolve();
    expect(calls).toBe(1);
  });
});
