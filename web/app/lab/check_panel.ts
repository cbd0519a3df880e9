/** Every op against its plain loops, and golden cases, on this adapter. */
import { element } from '../../common/element.ts';
import { chosenFolder, droppedFolder } from './golden_folder.ts';
import type { LabClient } from './lab_client.ts';
import type { Counts, GoldenFiles, Note } from './lab_protocol.ts';

export interface CheckPanel {
  /** As the button does. */
  run(): Promise<void>;
}

const GOOD = 'Every kernel computes on this adapter what it should.';

/** Fills `root`. @param client whose worker does the work */
export function createCheckPanel(root: HTMLElement, client: LabClient): CheckPanel {
  const button = element(
    'button',
    { type: 'button', class: 'primary', 'data-testid': 'kernel-check' },
    'Check all kernels',
  );
  const input = element('input', {
    type: 'file',
    class: 'hidden',
    'data-testid': 'golden-input',
    webkitdirectory: true,
    multiple: true,
  });
  const status = element('p', { class: 'quiet', role: 'status' }, '');
  const lines = element('pre', {
    class: 'lines',
    tabindex: 0,
    role: 'log',
    'aria-label': 'Results of the checks',
    'data-testid': 'kernel-check-result',
    'data-state': 'idle',
    hidden: true,
  });

  const work = async (start: (onNote: (note: Note) => void) => Promise<Counts>): Promise<void> => {
    if (lines.dataset.state === 'busy') return;
    lines.dataset.state = 'busy';
    lines.hidden = false;
    lines.replaceChildren();
    button.disabled = true;
    input.disabled = true;
    status.textContent = 'starting';
    const add = (line: string): void => {
      const word = line.split(' ', 1)[0];
      lines.append(element('span', { 'data-word': word }, `${line}\n`));
      lines.scrollTop = lines.scrollHeight;
    };
    try {
      const { passed, failed } = await start(({ line, stage }) => {
        if (line !== undefined) add(line);
        if (stage !== undefined) status.textContent = stage;
      });
      add(`${passed} passed, ${failed} failed`);
      lines.dataset.state = failed === 0 && passed > 0 ? 'pass' : 'fail';
      status.textContent =
        failed === 0 ? GOOD : `${failed} of ${passed + failed} are wrong: see the lines with FAIL.`;
    } catch (error) {
      lines.dataset.state = 'fail';
      add(`FAIL ${error instanceof Error ? error.message : String(error)}`);
      status.textContent = error instanceof Error ? error.message : String(error);
    } finally {
      button.disabled = false;
      input.disabled = false;
    }
  };
  const check = (): Promise<void> => work((onNote) => client.call('check', null, onNote));
  const golden = (files: () => Promise<GoldenFiles> | GoldenFiles): Promise<void> =>
    work(async (onNote) => client.call('golden', await files(), onNote));

  button.addEventListener('click', () => void check());
  input.addEventListener('change', () => {
    const files = [...(input.files ?? [])];
    if (files.length > 0) void golden(() => chosenFolder(files));
    // The same folder can be chosen again.
    input.value = '';
  });
  root.addEventListener('dragover', (event) => event.preventDefault());
  root.addEventListener('drop', (event) => {
    event.preventDefault();
    const items = event.dataTransfer?.items;
    if (!items) return;
    // Asked for in the handler: afterwards the list of a drop is empty.
    const files = droppedFolder(items);
    void golden(() => files);
  });
  root.append(
    element(
      'p',
      {},
      'Runs every op, forward and backward, on sizes at which kernels go wrong (one voxel, one channel, odd, prime, more than a workgroup), and compares it with its plain loops; then values computed with PyTorch, MONAI and TorchIO.',
    ),
    element(
      'p',
      { class: 'row' },
      button,
      element('label', { class: 'button' }, input, 'Choose a folder of golden cases'),
      element('span', { class: 'quiet' }, 'or drop one here'),
    ),
    status,
    lines,
  );
  return { run: check };
}
