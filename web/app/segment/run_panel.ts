/** The buttons, the bar and the status line. */
import type { AppStore } from '../state/app_state.ts';

export interface RunElements {
  readonly segment: HTMLButtonElement;
  readonly cancel: HTMLButtonElement;
  readonly progress: HTMLElement;
  readonly bar: HTMLElement;
  readonly note: HTMLElement;
  readonly status: HTMLElement;
  readonly remedy: HTMLButtonElement;
}

/** Draws the run of the store. */
export function createRunPanel(
  { segment, cancel, progress, bar, note, status, remedy }: RunElements,
  store: AppStore,
  { onSegment, onCancel }: { onSegment: () => void; onCancel: () => void },
): void {
  segment.addEventListener('click', onSegment);
  cancel.addEventListener('click', () => {
    cancel.disabled = true;
    onCancel();
  });
  remedy.addEventListener('click', () => {
    store.get().remedy?.apply();
    segment.focus();
  });
  let activity = '';
  store.subscribe(() => {
    const state = store.get();
    const isReady = Boolean(state.engine && state.model) && state.scans.length > 0;
    segment.disabled = !isReady || state.activity !== 'idle';
    // A press on Cancel counts once, until the activity has changed.
    if (state.activity !== activity) cancel.disabled = state.activity !== 'segmenting';
    activity = state.activity;
    const { fraction } = state.progress;
    progress.setAttribute('aria-valuenow', String(Math.round(fraction * 1000) / 1000));
    progress.setAttribute('aria-valuetext', `${Math.round(fraction * 100)} %`);
    bar.style.transform = `scaleX(${fraction})`;
    note.textContent = state.progress.note;
    // Set anew, the same words would be read out again.
    if (status.textContent !== state.status.text) status.textContent = state.status.text;
    status.dataset.state = state.status.state;
    // Some scans failed: no plain success.
    status.toggleAttribute(
      'data-partial',
      state.status.state === 'done' && state.status.text !== 'done',
    );
    remedy.hidden = state.remedy === undefined;
    remedy.textContent = state.remedy?.label ?? '';
  });
}
