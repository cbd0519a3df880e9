/** The page: one store, and panels that draw it. */
import { createResultsPanel } from './results/results_panel.ts';
import { pairLabels } from './scans/pairing.ts';
import { createAppStore } from './state/app_state.ts';
import { createTrainPanel, type TrainContext } from './train/train_panel.ts';
import { createViewer } from './viewer/scan_viewer.ts';

const byId = <E extends HTMLElement>(id: string): E => document.querySelector<E>(`#${id}`)!;

const store = createAppStore();
createViewer(byId('viewer'));
createResultsPanel(byId('results'), store);

const training: TrainContext = {
  engine: () => store.get().engine,
  pairs: () => {
    const { scans, labels } = store.get();
    const pairs = pairLabels(scans, labels);
    return scans.flatMap(({ name, file }) => {
      const label = pairs.get(name);
      return label ? [{ name, image: file, label: label.file }] : [];
    });
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
  report: (state, text) => store.set({ status: { state, text } }),
  useModel: () => {},
};
createTrainPanel(byId('train'), training);

store.subscribe(() => {
  const { status } = store.get();
  const line = byId('status');
  line.textContent = status.text;
  line.dataset.state = status.state;
});
