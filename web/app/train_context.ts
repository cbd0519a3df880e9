/** What the training panel gets of the page. */
import { pairLabels, unpairedLabels } from './scans/pairing.ts';
import { type AppStore, report } from './state/app_state.ts';
import type { TrainContext } from './train/train_panel.ts';

export function trainContext(
  store: AppStore,
  useModel: (file: File) => Promise<void>,
): TrainContext {
  return {
    engine: () => store.get().engine,
    pairs: () => {
      const { scans, labels } = store.get();
      const pairs = pairLabels(scans, labels);
      return scans.flatMap(({ name, file }) => {
        const label = pairs.get(name);
        return label ? [{ name, image: file, label: label.file }] : [];
      });
    },
    unpaired: () => {
      const { scans, labels } = store.get();
      const pairs = pairLabels(scans, labels);
      return {
        scans: scans.filter(({ name }) => !pairs.has(name)).map(({ name }) => name),
        labels: unpairedLabels(labels, pairs).map(({ name }) => name),
      };
    },
    model: () => store.get().model,
    isBusy: () => store.get().engine === undefined || store.get().activity !== 'idle',
    subscribe: (listener) => store.subscribe(listener),
    begin: () => {
      if (store.get().activity !== 'idle') return false;
      store.set({ activity: 'training' });
      return true;
    },
    end: () => store.set({ activity: 'idle' }),
    report: (state, text) => report(store, state, text),
    useModel: (file) => void useModel(file),
  };
}
