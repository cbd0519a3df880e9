/** Loading a model: the demo that comes with the page, or a file. */
import { plainMessage } from '../plain_message.ts';
import { whatIsThere } from '../scans/scan_actions.ts';
import { type AppStore, type LoadedModel, report } from '../state/app_state.ts';

const DEMO = 'hippocampus.safetensors';

let latest = 0;

/** Takes a model file in place of the one that is loaded; that one stays where the file is none. */
export async function loadModel(
  store: AppStore,
  file: Blob,
  { fileName, isDemo }: Pick<LoadedModel, 'fileName' | 'isDemo'>,
): Promise<void> {
  const { engine, activity } = store.get();
  if (!engine) return;
  if (activity !== 'idle') {
    report(
      store,
      'error',
      'wait until the work under way is done, or cancel it, to change the model',
    );
    return;
  }
  const id = ++latest;
  report(store, 'busy', `reading ${fileName} …`);
  try {
    const facts = await engine.loadModel(file);
    // Another one was chosen meanwhile.
    if (id !== latest) return;
    const model = { id, fileName, file, isDemo, facts, classNames: facts.classNames };
    // Patches that were chosen for another network may not fit this one.
    store.set({ model, options: { ...store.get().options, patchSize: undefined } });
    report(store, 'idle', whatIsThere(store));
  } catch (error) {
    report(store, 'error', `${fileName} is no model that can be used. ${plainMessage(error)}`);
  }
}

/** Fetches the model that lies beside the page. */
export async function loadDemo(store: AppStore): Promise<void> {
  try {
    const response = await fetch(new URL(`./models/${DEMO}`, document.baseURI));
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    await loadModel(store, await response.blob(), { fileName: DEMO, isDemo: true });
  } catch (error) {
    report(
      store,
      'error',
      `the demo model could not be fetched: ${plainMessage(error)}. Choose a model file instead`,
    );
  }
}
