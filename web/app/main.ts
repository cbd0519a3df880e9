/** The page: one store, panels that draw it, and what people do with it. */
import { openEngine } from './engine.ts';
import { loadDemo, loadModel } from './model/model_actions.ts';
import { createModelPanel } from './model/model_panel.ts';
import { showNoGpu } from './no_gpu.ts';
import { registerOffline } from './offline.ts';
import { plainMessage } from './plain_message.ts';
import { createResultsPanel } from './results/results_panel.ts';
import { acceptDrops } from './scans/drop_zone.ts';
import { type FoundFile, filesOfInput } from './scans/intake.ts';
import { createLabelList } from './scans/label_list.ts';
import { madeUpScan } from './scans/made_up_scan.ts';
import { type IntakeActions, type Purpose, takeFiles } from './scans/scan_actions.ts';
import { createScanList } from './scans/scan_list.ts';
import { showSelected } from './scans/show_selected.ts';
import { createOptionsPanel } from './segment/options_panel.ts';
import { createRunPanel } from './segment/run_panel.ts';
import { Runner } from './segment/runner.ts';
import { createAppStore, report } from './state/app_state.ts';
import { createTrainPanel } from './train/train_panel.ts';
import { trainContext } from './train_context.ts';
import { createViewer } from './viewer/scan_viewer.ts';

const byId = <E extends HTMLElement>(id: string): E => document.querySelector<E>(`#${id}`)!;

const store = createAppStore();
const runner = new Runner(store, () => void start());

const actions: IntakeActions = {
  loadModel: (file) => loadModel(store, file, { fileName: file.name, isDemo: false }),
  // The converter is a large package, and loaded when it is needed.
  dicomToNifti: async (files) => {
    const { dicomToNifti } = await import('./dicom/dicom_to_nifti.ts');
    return dicomToNifti(files);
  },
};

const fail = (error: unknown): void => report(store, 'error', plainMessage(error));
const take = (files: readonly FoundFile[], purpose: Purpose): void =>
  void takeFiles(store, files, purpose, actions).catch(fail);

function listen(id: string, purpose: Purpose): void {
  const input = byId<HTMLInputElement>(id);
  input.addEventListener('change', () => {
    const files = filesOfInput(input.files);
    // The same file can be chosen again.
    input.value = '';
    take(files, purpose);
  });
}

listen('scan-input', 'any');
listen('folder-input', 'any');
listen('model-input', 'any');
listen('label-input', 'labels');
acceptDrops(byId('drop-here'), byId('label-panel'), take, fail);

createScanList(byId('scan-list'), store);
createLabelList(byId('label-list'), byId('label-note'), store);
createModelPanel(byId('model-panel'), byId('use-demo'), store);
createOptionsPanel(byId('options'), store);
createRunPanel(
  {
    segment: byId('segment'),
    cancel: byId('cancel'),
    progress: byId('progress'),
    bar: byId('progress-bar'),
    note: byId('eta'),
    status: byId('status'),
    remedy: byId('remedy'),
  },
  store,
  { onSegment: () => void runner.segment().catch(fail), onCancel: () => runner.cancel() },
);
createResultsPanel(byId('results'), store);
byId('made-up').addEventListener('click', () => {
  const { scan, label } = madeUpScan();
  take([{ path: label.name, file: label }], 'labels');
  take([{ path: scan.name, file: scan }], 'any');
  // It can be pressed once the scan is in the list.
  requestAnimationFrame(() => byId('segment').focus());
});
store.subscribe(() => {
  const { scans, model } = store.get();
  // Another model would find something else, or nothing.
  byId('made-up').hidden = scans.length > 0 || !model?.isDemo;
});
byId('use-demo').addEventListener('click', () => void loadDemo(store));
showSelected(
  createViewer(byId('viewer'), { onColours: (colours) => store.set({ colours }) }),
  store,
);
createTrainPanel(byId('train'), trainContext(store, actions.loadModel));

/** Opens the worker, with the model that was loaded before or else the demo. */
async function start(): Promise<void> {
  const { engine: old, model } = store.get();
  old?.dispose();
  try {
    const engine = await openEngine();
    byId('adapter').textContent = engine.adapter.name;
    store.set({ engine });
    await (model ? loadModel(store, model.file, model) : loadDemo(store));
  } catch (error) {
    byId('adapter').textContent = 'none';
    const reason = showNoGpu(byId('notice'), error);
    store.set({ engine: undefined });
    for (const control of document.querySelectorAll<HTMLInputElement>(
      '#steps input, #steps button',
    )) {
      control.disabled = true;
    }
    report(store, 'error', reason);
  }
}
void start();

void registerOffline().then((offline) => {
  byId('offline').textContent = offline.ready
    ? 'This page is kept on this machine and opens without a network.'
    : `This page is not kept for use without a network: ${offline.why.replace(/\.$/, '')}.`;
});
