/** How scans are segmented, for those who want to choose. */
import { element } from '../../common/element.ts';
import { type AppStore, type Options, report } from '../state/app_state.ts';

const AXES = ['i', 'j', 'k'] as const;
const MAX_SIZE = 512;

const numberOf = (input: HTMLInputElement): number | undefined =>
  input.value.trim() === '' || !Number.isFinite(Number(input.value))
    ? undefined
    : Number(input.value);

/** Fills a disclosure with the options of the store. */
export function createOptionsPanel(root: HTMLElement, store: AppStore): void {
  const change = (options: Partial<Options>) =>
    store.set({ options: { ...store.get().options, ...options } });
  const tta = element('input', {
    type: 'checkbox',
    onchange: () => change({ tta: tta.checked }),
  });
  const sizes = AXES.map((axis) =>
    element('input', {
      type: 'number',
      min: 1,
      max: MAX_SIZE,
      class: 'size',
      'aria-label': `Patch size along ${axis}, voxels`,
      onchange: () => changePatch(),
    }),
  );
  const budget = element('input', {
    type: 'number',
    min: 1,
    class: 'size',
    placeholder: 'auto',
    onchange: () => changeBudget(),
  });

  function changePatch(): void {
    const { model } = store.get();
    if (!model) return;
    const { patchSize: own, patchDivisor } = model.facts;
    const [i, j, k] = sizes.map((input, axis) => {
      const step = patchDivisor[axis]!;
      const wanted = numberOf(input) ?? own[axis]!;
      return Math.min(MAX_SIZE, Math.max(step, Math.round(wanted / step) * step));
    });
    const patchSize = [i!, j!, k!] as const;
    change({
      patchSize: patchSize.every((size, axis) => size === own[axis]) ? undefined : patchSize,
    });
  }

  function changeBudget(): void {
    const gpuMiB = numberOf(budget);
    if (gpuMiB !== undefined && gpuMiB <= 0) {
      report(
        store,
        'error',
        'a GPU memory budget is above 0 MiB, or empty for what the adapter allows',
      );
      return;
    }
    change({ gpuMiB });
  }

  const reset = element(
    'button',
    { type: 'button', class: 'link', onclick: () => change({ patchSize: undefined }) },
    "the model's",
  );
  root.append(
    element(
      'div',
      { class: 'option-list' },
      element(
        'label',
        { class: 'option' },
        tta,
        'Average over mirror images',
        element('span', { class: 'quiet' }, '8 × the work'),
      ),
      element(
        'fieldset',
        { class: 'option' },
        element('legend', {}, 'Patch size'),
        ...sizes.flatMap((input, n) => (n === 0 ? [input] : ['×', input])),
        reset,
      ),
      element('label', { class: 'option' }, 'GPU memory, at most', budget, 'MiB'),
    ),
  );
  store.subscribe(() => {
    const { options, model, activity } = store.get();
    const isBusy = activity !== 'idle';
    const patch = options.patchSize ?? model?.facts.patchSize;
    for (const input of [tta, budget, ...sizes]) input.disabled = isBusy;
    sizes.forEach((input, axis) => {
      input.disabled = isBusy || !model;
      input.step = String(model?.facts.patchDivisor[axis] ?? 1);
      if (document.activeElement !== input) input.value = patch ? String(patch[axis]) : '';
    });
    reset.hidden = options.patchSize === undefined;
    tta.checked = options.tta;
  });
}
