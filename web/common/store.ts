/** A value that is shown in several places: they hear of each change once, before the next frame. */

export type Listener = () => void;

export interface Store<State extends object> {
  get(): Readonly<State>;
  /** Replaces the fields given; listeners hear of it afterwards, once for all changes made together. */
  set(change: Partial<State>): void;
  /** Calls at once and after changes; returns what ends that. */
  subscribe(listener: Listener): () => void;
}

export function createStore<State extends object>(initial: State): Store<State> {
  let state = initial;
  let isDue = false;
  const listeners = new Set<Listener>();
  const tell = () => {
    isDue = false;
    for (const listener of [...listeners]) listener();
  };
  return {
    get: () => state,
    set: (change) => {
      state = { ...state, ...change };
      if (isDue) return;
      isDue = true;
      queueMicrotask(tell);
    },
    subscribe: (listener) => {
      listeners.add(listener);
      listener();
      return () => void listeners.delete(listener);
    },
  };
}
