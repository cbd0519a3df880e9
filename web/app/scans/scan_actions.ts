/** What people do with scans, label maps and models: bring them, choose one, take them away. */
import { plainMessage } from '../plain_message.ts';
import { type AppStore, changeScan, type LabelMap, report, type Scan } from '../state/app_state.ts';
import { type FoundFile, type Intake, sortFiles } from './intake.ts';
import { caseName } from './names.ts';

export interface IntakeActions {
  readonly loadModel: (file: File) => Promise<void>;
  readonly dicomToNifti: (files: readonly File[]) => Promise<readonly File[]>;
}

/** What an input is for; files that are dropped tell by their names. */
export type Purpose = 'any' | 'labels';

const isSame = (a: File, b: File): boolean =>
  a.name === b.name && a.size === b.size && a.lastModified === b.lastModified;

const list = (names: readonly string[]): string =>
  names.length > 3
    ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`
    : names.join(', ');

/** Takes files in; what cannot be used is told in the status, the rest is taken. */
export async function takeFiles(
  store: AppStore,
  files: readonly FoundFile[],
  purpose: Purpose,
  actions: IntakeActions,
): Promise<void> {
  if (files.length === 0) return;
  const intake = purpose === 'labels' ? asLabels(sortFiles(files)) : sortFiles(files);
  const complaints = [
    ...addScans(
      store,
      intake.scans.map(({ file }) => file),
    ),
    ...addLabels(
      store,
      intake.labels.map(({ file }) => file),
    ),
    ...unusable(intake),
  ];
  if (intake.dicom.length > 0) {
    complaints.push(...(await convert(store, intake.dicom, actions)));
  }
  const model = intake.models[0];
  if (intake.models.length > 1) {
    complaints.push(`one model at a time: ${model!.file.name} is taken`);
  }
  // It tells itself how that went.
  if (model && complaints.length === 0) return actions.loadModel(model.file);
  if (model) await actions.loadModel(model.file);
  if (complaints.length > 0) report(store, 'error', complaints.join('. '));
  else if (store.get().activity === 'idle') report(store, 'idle', whatIsThere(store));
}

const asLabels = (intake: Intake): Intake => ({
  ...intake,
  scans: [],
  labels: [...intake.scans, ...intake.labels],
});

/** A sentence about what can be done now. */
export function whatIsThere(store: AppStore): string {
  const { scans, model, engine } = store.get();
  if (!engine) return store.get().status.text;
  if (scans.length === 0) return 'choose a scan to begin';
  const count = scans.length === 1 ? '1 scan' : `${scans.length} scans`;
  return model ? `${count} ready to segment` : `${count}; choose a model`;
}

/** @returns what is wrong with those that were not taken */
function addScans(store: AppStore, files: readonly File[]): string[] {
  const complaints: string[] = [];
  const added: Scan[] = [];
  for (const file of files) {
    const name = caseName(file.name);
    const other = [...store.get().scans, ...added].find((scan) => scan.name === name);
    if (other && isSame(other.file, file)) continue;
    if (other) {
      complaints.push(
        `two scans have the name ${name}, and so would their results: ${other.file.name} stays, rename the other`,
      );
      continue;
    }
    added.push({ name, file, state: 'waiting', fraction: 0 });
  }
  const scans = [...store.get().scans, ...added];
  store.set({ scans, selected: store.get().selected ?? scans[0]?.name });
  return complaints;
}

function addLabels(store: AppStore, files: readonly File[]): string[] {
  const complaints: string[] = [];
  const labels: LabelMap[] = [...store.get().labels];
  for (const file of files) {
    const name = caseName(file.name);
    const at = labels.findIndex((label) => label.name === name);
    if (at < 0) labels.push({ name, file });
    else if (!isSame(labels[at]!.file, file)) {
      labels[at] = { name, file };
      complaints.push(`two label maps have the name ${name}: the later one is taken`);
    }
  }
  store.set({ labels });
  return complaints;
}

function unusable({ others, models, scans, labels, dicom }: Intake): string[] {
  const used = models.length + scans.length + labels.length + dicom.length;
  // A folder of scans has lists and notes in it.
  const strangers = others.filter(({ path }) => used === 0 || !path.includes('/'));
  if (strangers.length === 0) return [];
  const names = list(strangers.map(({ file }) => file.name));
  return [
    `${names} cannot be used: scans are .nii or .nii.gz files or DICOM, models .safetensors files`,
  ];
}

async function convert(
  store: AppStore,
  dicom: readonly FoundFile[],
  actions: IntakeActions,
): Promise<string[]> {
  report(store, 'busy', `converting ${dicom.length} DICOM files …`);
  try {
    const made = await actions.dicomToNifti(dicom.map(({ file }) => file));
    return addScans(store, made);
  } catch (error) {
    return [plainMessage(error)];
  }
}

export function removeScan(store: AppStore, name: string): void {
  const { scans, selected } = store.get();
  const at = scans.findIndex((scan) => scan.name === name);
  if (at < 0 || scans[at]!.state === 'running') return;
  const rest = scans.filter((scan) => scan.name !== name);
  const next = rest[Math.min(at, rest.length - 1)]?.name;
  store.set({ scans: rest, selected: selected === name ? next : selected });
}

export function removeLabel(store: AppStore, name: string): void {
  store.set({ labels: store.get().labels.filter((label) => label.name !== name) });
}

/** A label map that was dropped as a scan goes where it belongs. */
export function useAsLabel(store: AppStore, name: string): void {
  const scan = store.get().scans.find((candidate) => candidate.name === name);
  if (!scan || scan.state === 'running') return;
  removeScan(store, name);
  addLabels(store, [scan.file]);
}

export const selectScan = (store: AppStore, name: string): void => store.set({ selected: name });

/** A scan that cannot be read is marked at once; segmenting tries it again. */
export const markUnreadable = (store: AppStore, name: string, error: unknown): void =>
  changeScan(store, name, { state: 'failed', failure: plainMessage(error, name) });
