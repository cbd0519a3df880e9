/** What a person may decide about a training. */
import type { NetworkSize, TrainingData, TrainSettings } from '../../../src/index.ts';
import { element } from '../../common/element.ts';
import type { LoadedModel } from '../state/app_state.ts';

type Triple = readonly [number, number, number];

/** A number field; empty means the default, which the placeholder shows. */
function numberField(label: string, attributes: Record<string, string | number>, title: string) {
  const input = element('input', { type: 'number', class: 'size', ...attributes });
  return {
    input,
    root: element('label', { class: 'field', title }, element('span', {}, label), input),
  };
}

const numberIn = ({ valueAsNumber }: HTMLInputElement): number | undefined =>
  Number.isNaN(valueAsNumber) ? undefined : valueAsNumber;

export class SettingsForm {
  readonly root: HTMLElement;
  private readonly onChange: () => void;
  private readonly start = element('select', { id: 'train-start' });
  private readonly startModel = element('option', { value: 'model' }, 'the chosen model, further');
  private readonly binary = element('input', { type: 'checkbox' });
  private readonly augment = element('input', { type: 'checkbox', checked: true });
  private readonly classes = element('div', { class: 'class-names' });
  private readonly steps = numberField(
    'Steps',
    { min: 1, placeholder: 200, 'data-testid': 'train-steps' },
    'Updates of the network. More take longer and learn more.',
  );
  private readonly rate = numberField(
    'Learning rate',
    { min: 0, step: 'any', placeholder: 0.003 },
    'Highest of the one-cycle schedule.',
  );
  private readonly validation = numberField(
    'Validation, %',
    { min: 0, max: 90, placeholder: 25 },
    'Share of the scans that choose the best weights, and are not trained on.',
  );
  private readonly samples = numberField(
    'Patches per scan',
    { min: 1, placeholder: 8 },
    'Cut out of each scan in every epoch.',
  );
  private readonly batch = numberField(
    'Patches per step',
    { min: 1, placeholder: 2 },
    'More take more memory.',
  );
  private readonly seed = numberField(
    'Seed',
    { min: 0, placeholder: 0 },
    'The same seed on the same adapter gives the same model.',
  );
  private readonly memory = numberField(
    'GPU memory, MiB',
    { min: 1, placeholder: 1024 },
    'A step that would take more is refused.',
  );
  private readonly patch = ['i', 'j', 'k'].map((axis) =>
    element('input', {
      type: 'number',
      class: 'size',
      min: 1,
      placeholder: 'auto',
      'aria-label': `Training patch size along ${axis}, voxels`,
    }),
  );
  private names: HTMLInputElement[] = [];
  private shownClasses = '';

  /** @param onChange called after every change by the person */
  constructor(onChange: () => void) {
    this.onChange = onChange;
    this.start.append(
      element('option', { value: 'small' }, 'a new small network'),
      element('option', { value: 'medium' }, 'a new medium network'),
      this.startModel,
    );
    const fields = [this.steps, this.rate, this.validation, this.samples, this.batch];
    this.root = element(
      'form',
      { class: 'train-form', onsubmit: (event) => event.preventDefault() },
      element('label', { class: 'field wide' }, element('span', {}, 'Train'), this.start),
      this.classes,
      element('label', { class: 'check' }, this.binary, 'All labels as one class'),
      element(
        'label',
        { class: 'check', title: 'Random motion, contrast and noise of training patches.' },
        this.augment,
        'Vary the training patches at random',
      ),
      element(
        'div',
        { class: 'fields' },
        ...[...fields, this.seed, this.memory].map(({ root }) => root),
        element(
          'fieldset',
          { class: 'field' },
          element('legend', {}, 'Patch size, voxels'),
          element(
            'span',
            { class: 'patch' },
            ...this.patch.flatMap((input, n) => (n === 0 ? [input] : ['×', input])),
          ),
        ),
      ),
    );
    this.root.addEventListener('input', () => this.onChange());
  }

  /** Whether the model of the page is trained further. */
  get usesModel(): boolean {
    return this.start.value === 'model';
  }

  get settings(): TrainSettings {
    const patch = this.patch.map((input) => numberIn(input));
    const isWhole = patch.every((size) => size !== undefined);
    const share = numberIn(this.validation.input);
    const mebibytes = numberIn(this.memory.input);
    const given = {
      steps: numberIn(this.steps.input),
      learningRate: numberIn(this.rate.input),
      seed: numberIn(this.seed.input),
      validPct: share === undefined ? undefined : share / 100,
      samplesPerVolume: numberIn(this.samples.input),
      batchSize: numberIn(this.batch.input),
      gpuBytes: mebibytes === undefined ? undefined : mebibytes * 2 ** 20,
      patchSize: isWhole ? (patch as unknown as Triple) : undefined,
    };
    return {
      ...(this.usesModel ? {} : { size: this.start.value as NetworkSize }),
      augment: this.augment.checked,
      binary: this.binary.checked,
      classNames: ['', ...this.names.map(({ value }) => value)],
      ...(Object.fromEntries(
        Object.entries(given).filter(([, value]) => value !== undefined),
      ) as TrainSettings),
    };
  }

  /** The model that may be trained further. */
  showModel(model: LoadedModel | undefined): void {
    const label = `${model?.fileName ?? 'the chosen model'}, further`;
    if (this.startModel.textContent !== label) this.startModel.textContent = label;
    this.startModel.disabled = model === undefined;
    this.rate.input.placeholder = this.usesModel ? '0.0003' : '0.003';
  }

  /** Names to be given to the classes that the label maps have; a model's are its own. */
  showClasses(data: TrainingData | undefined, model: LoadedModel | undefined): void {
    const own = this.usesModel ? model?.classNames.slice(1) : undefined;
    const values = data?.labels.map(({ value }) => value) ?? [];
    const shown = own ?? (this.binary.checked ? ['foreground'] : values.map(String));
    const key = JSON.stringify([own !== undefined, this.binary.checked, shown]);
    if (key === this.shownClasses) return;
    this.shownClasses = key;
    this.names = [];
    if (shown.length === 0) {
      this.classes.replaceChildren();
      return;
    }
    if (own) {
      this.classes.replaceChildren(
        element('p', { class: 'quiet' }, `Classes of the model: ${own.join(', ')}`),
      );
      return;
    }
    const labelOf = (n: number): string =>
      this.binary.checked ? 'all labels' : `value ${values[n]}`;
    this.names = shown.map((_, n) =>
      element('input', {
        type: 'text',
        'aria-label': `Name of the class of ${labelOf(n)}`,
        placeholder: shown.length === 1 ? 'foreground' : `class_${n + 1}`,
        autocomplete: 'off',
      }),
    );
    this.classes.replaceChildren(
      element('span', { class: 'quiet' }, 'Names of the classes'),
      ...this.names.map((input, n) =>
        element('label', { class: 'class-name' }, element('span', {}, labelOf(n)), input),
      ),
    );
  }

  setPatch(patchSize: Triple): void {
    this.patch.forEach((input, axis) => {
      input.value = String(patchSize[axis]);
    });
    this.onChange();
  }

  setDisabled(isDisabled: boolean): void {
    const controls = this.root.querySelectorAll<HTMLInputElement>('input, select');
    for (const control of controls) control.disabled = isDisabled;
  }
}
