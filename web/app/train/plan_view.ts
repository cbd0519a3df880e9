/** What a training would do with the files and settings at hand, in words, before it starts. */
import type { TrainingData, TrainingPlan } from '../../../src/index.ts';
import { element } from '../../common/element.ts';
import { isAbort, plainMessage } from '../plain_message.ts';
import type { SettingsForm } from './settings_form.ts';
import type { TrainContext, TrainingPair } from './train_panel.ts';

/** While somebody types. */
const MILLISECONDS = 200;

const mebibytes = (bytes: number): string =>
  `${(bytes / 2 ** 20).toFixed(bytes < 2 ** 24 ? 1 : 0)} MiB`;

function sentences({ run, split, memory, parameters, stepsPerEpoch }: TrainingPlan): string[] {
  const { patchSize, targetSpacing } = run.patch;
  const spacing = targetSpacing
    ? ` of ${targetSpacing.map((mm) => Math.round(mm * 100) / 100).join(' × ')} mm`
    : '';
  return [
    `Patches of ${patchSize.join(' × ')} voxels${spacing}; a network of ${parameters.toLocaleString('en')} weights.`,
    `A step takes ${mebibytes(memory.peak)} of GPU memory.`,
    `${split.train.length} scans train, ${split.validation.length} validate; an epoch has ${stepsPerEpoch} steps.`,
  ];
}

export class PlanView {
  readonly root = element('div', { class: 'plan', 'data-testid': 'train-plan' });
  private readonly context: TrainContext;
  private readonly form: SettingsForm;
  private readonly known = new WeakMap<File, number>();
  private nextFile = 1;
  private key = '';
  private data: TrainingData | undefined;
  private failure: string | undefined;
  private reading: AbortController | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isSeen = false;
  private latest = 0;

  constructor(context: TrainContext, form: SettingsForm) {
    this.context = context;
    this.form = form;
  }

  /** Label maps are read once somebody looks at the training. */
  seen(): void {
    this.isSeen = true;
    this.update();
  }

  /** Files, model, settings or who has the graphics processor may have changed. */
  update(): void {
    const pairs = this.context.pairs();
    const key = this.keyOf(pairs);
    if (key !== this.key) {
      this.key = key;
      this.data = undefined;
      this.failure = undefined;
      this.reading?.abort();
      this.reading = undefined;
    }
    const model = this.context.model();
    this.form.showModel(model);
    this.form.showClasses(this.data, model);
    if (pairs.length === 0) {
      this.show('Choose scans above, and a label map for each.');
      return;
    }
    if (this.context.isBusy()) {
      this.reading?.abort();
      this.reading = undefined;
      return;
    }
    if (this.failure) this.show(this.failure, true);
    else if (this.data) this.planSoon();
    else if (this.isSeen && !this.reading) void this.read(pairs);
  }

  private async read(pairs: readonly TrainingPair[]): Promise<void> {
    const reading = new AbortController();
    this.reading = reading;
    this.show(`Reading ${pairs.length} label maps …`);
    try {
      const { signal } = reading;
      const data = await this.context.engine()!.inspectTraining(pairs, { signal }).result;
      if (this.reading === reading) this.data = data;
    } catch (error) {
      if (this.reading === reading && !isAbort(error)) this.failure = plainMessage(error);
    }
    if (this.reading !== reading) return;
    this.reading = undefined;
    this.update();
  }

  private planSoon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.plan(), MILLISECONDS);
  }

  private async plan(): Promise<void> {
    const { data, form, context } = this;
    const engine = context.engine();
    if (!data || !engine || context.isBusy()) return;
    const id = ++this.latest;
    const model = form.usesModel ? context.model() : undefined;
    try {
      const plan = await engine.planTraining(data, {
        settings: form.settings,
        ...(model ? { start: model.file } : {}),
      });
      if (id === this.latest) this.showPlan(plan);
    } catch (error) {
      if (id === this.latest) this.show(plainMessage(error), true);
    }
  }

  private showPlan(plan: TrainingPlan): void {
    const { refusal, warnings } = plan;
    const smaller = refusal?.patchSize;
    this.root.replaceChildren(
      ...(refusal ? [element('p', { class: 'remark' }, refusal.reason)] : []),
      ...(smaller
        ? [
            element(
              'button',
              { type: 'button', class: 'small', onclick: () => this.form.setPatch(smaller) },
              `Use patches of ${smaller.join(' × ')} voxels`,
            ),
          ]
        : []),
      ...sentences(plan).map((text) => element('p', {}, text)),
      ...warnings.map((text) => element('p', { class: 'remark' }, text)),
    );
  }

  private show(text: string, isRemark = false): void {
    this.latest++;
    clearTimeout(this.timer);
    if (this.root.textContent === text) return;
    this.root.replaceChildren(element('p', isRemark ? { class: 'remark' } : {}, text));
  }

  /** The same for the same files. */
  private keyOf(pairs: readonly TrainingPair[]): string {
    const numberOf = (file: File): number => {
      const known = this.known.get(file) ?? this.nextFile++;
      this.known.set(file, known);
      return known;
    };
    return JSON.stringify(
      pairs.map(({ name, image, label }) => [name, numberOf(image), numberOf(label)]),
    );
  }
}
