/** Training in the page, on the scans and label maps that were chosen. */
import type { TrainedModel, TrainJob, TrainProgress } from '../../../src/index.ts';
import { element } from '../../common/element.ts';
import { duration, short } from '../../common/format.ts';
import type { Engine } from '../engine.ts';
import { plainMessage } from '../plain_message.ts';
import { DownloadLink } from '../results/download.ts';
import type { LabelMap, LoadedModel, Scan, StatusState } from '../state/app_state.ts';
import { LiveCurves } from './live_curves.ts';
import { modelFileName, nameOfNow } from './model_name.ts';
import { PlanView } from './plan_view.ts';
import { SettingsForm } from './settings_form.ts';

/** A scan with its label map. */
export interface TrainingPair {
  readonly name: string;
  readonly image: Scan['file'];
  readonly label: LabelMap['file'];
}

/** What the training may ask of the page and tell it. */
export interface TrainContext {
  /** Undefined until it is open, and where there is none. */
  engine(): Engine | undefined;
  /** Scans that have a label map of their name. */
  pairs(): readonly TrainingPair[];
  /** Names of scans without a label map, and of label maps without a scan. */
  unpaired(): { readonly scans: readonly string[]; readonly labels: readonly string[] };
  /** To start from; undefined until it is loaded. */
  model(): LoadedModel | undefined;
  /** Whether a segmentation has the graphics processor, or there is none. */
  isBusy(): boolean;
  /** Calls at once and whenever one of these may have changed. */
  subscribe(listener: () => void): () => void;
  /** Takes the graphics processor: false where something else has it. Give it back with `end`. */
  begin(): boolean;
  end(): void;
  /** Shows a sentence in the page's status line. */
  report(state: StatusState, text: string): void;
  /** Segments with this model from now on. */
  useModel(file: File): void;
}

const STAGES: Record<TrainProgress['stage'], string> = {
  reading: 'reading the files',
  compiling: 'preparing the graphics processor',
  training: 'training',
  validating: 'validating',
  paused: 'paused',
  recovering: 'the graphics device was lost; going on with a new one',
};

class TrainPanel {
  private readonly context: TrainContext;
  private readonly form = new SettingsForm(() => this.plan.update());
  private readonly plan: PlanView;
  private readonly curves = new LiveCurves();
  private readonly files = element('p', { class: 'quiet' });
  private readonly train = button('Train', 'train', () => void this.run(), 'primary');
  private readonly pause = button('Pause', 'pause', () => this.ask('pause'));
  private readonly resume = button('Resume', 'resume', () => this.ask('resume'));
  private readonly stop = button('Stop', 'stop', () => this.ask('stop'));
  private readonly use = button('Segment with this model', 'use-model', () => this.useModel());
  private readonly bar = element('div');
  private readonly progress = element(
    'div',
    {
      class: 'progress',
      role: 'progressbar',
      'data-testid': 'train-progress',
      'aria-label': 'Training',
      'aria-valuemin': 0,
      'aria-valuemax': 1,
      'aria-valuenow': 0,
    },
    this.bar,
  );
  private readonly note = element('p', { class: 'quiet note', 'data-testid': 'train-note' });
  private readonly loss = element('output', { 'data-testid': 'loss' }, '–');
  private readonly dice = element('output', { 'data-testid': 'train-dice' }, '–');
  private readonly name = element('input', { type: 'text', autocomplete: 'off' });
  private readonly link = new DownloadLink(
    element(
      'a',
      { class: 'button', 'data-testid': 'save-model', role: 'link', 'aria-disabled': 'true' },
      'Save the model',
    ),
  );
  private job: TrainJob | undefined;
  private model: Blob | undefined;
  private isPaused = false;

  constructor(root: HTMLElement, context: TrainContext) {
    this.context = context;
    this.plan = new PlanView(context, this.form);
    const output = (label: string, value: HTMLElement): HTMLElement =>
      element('p', { class: 'figure' }, element('span', { class: 'quiet' }, label), value);
    root.replaceChildren(
      element('h2', { id: 'train-title' }, 'Train'),
      element(
        'p',
        { class: 'quiet train-lead' },
        'A network of your own, or a model trained further on your scans and their label maps. Nothing leaves this machine here either.',
      ),
      element(
        'div',
        { class: 'train-columns' },
        element('div', { class: 'train-settings' }, this.files, this.form.root, this.plan.root),
        element(
          'div',
          { class: 'train-live' },
          element('p', { class: 'row' }, this.train, this.pause, this.resume, this.stop),
          this.progress,
          this.note,
          element(
            'div',
            { class: 'row figures' },
            output('Loss', this.loss),
            output('Dice', this.dice),
          ),
          this.curves.root,
          element(
            'p',
            { class: 'row' },
            element(
              'label',
              { class: 'row' },
              element('span', { class: 'quiet' }, 'Name'),
              this.name,
            ),
            this.link.root,
            this.use,
          ),
        ),
      ),
    );
    this.name.addEventListener('input', () => this.showModel());
    new IntersectionObserver((entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) this.plan.seen();
    }).observe(root);
    // A closed tab takes the training with it: the browser asks first.
    addEventListener('beforeunload', (event) => {
      if (this.job) event.preventDefault();
    });
    context.subscribe(() => this.draw());
  }

  private draw(): void {
    const { context, job } = this;
    const pairs = context.pairs();
    const { scans, labels } = context.unpaired();
    this.files.textContent = [
      `${pairs.length} ${pairs.length === 1 ? 'scan has' : 'scans have'} a label map.`,
      ...(pairs.length > 0 && scans.length > 0 ? [`Without one: ${scans.join(', ')}.`] : []),
      ...(labels.length > 0 ? [`Label maps without a scan: ${labels.join(', ')}.`] : []),
    ].join(' ');
    const isFree = !job && !context.isBusy();
    this.train.disabled = !isFree || pairs.length === 0;
    this.form.setDisabled(Boolean(job));
    this.pause.hidden = this.isPaused;
    this.resume.hidden = !this.isPaused;
    for (const control of [this.pause, this.resume, this.stop]) control.disabled = !job;
    this.use.disabled = !isFree || !this.model;
    if (!job) this.plan.update();
  }

  private async run(): Promise<void> {
    const { context, form } = this;
    const engine = context.engine();
    const images = context.pairs();
    if (!engine || images.length === 0 || !context.begin()) return;
    const start = form.usesModel ? context.model()?.file : undefined;
    const settings = form.settings;
    this.curves.clear();
    this.model = undefined;
    this.isPaused = false;
    this.name.placeholder = nameOfNow();
    this.showModel();
    let trained: TrainedModel | undefined;
    let failure: unknown;
    try {
      const job = engine.train({ images, settings, ...(start ? { start } : {}) });
      this.job = job;
      this.draw();
      let stage: TrainProgress['stage'] | undefined;
      for await (const progress of job) {
        if (progress.stage !== stage) this.tell(progress.stage, stage);
        stage = progress.stage;
        this.show(progress);
        if (progress.epochs.length > 0) void this.keep(job);
      }
      trained = await job.result;
      this.model = modelBlob(trained.file);
    } catch (error) {
      failure = error;
    }
    this.job = undefined;
    this.isPaused = false;
    context.end();
    this.showModel();
    this.draw();
    if (!trained) {
      this.note.textContent = '';
      context.report('error', `the training failed: ${plainMessage(failure)}`);
      return;
    }
    this.note.textContent = outcome(trained);
    if (trained.isStopped) context.report('idle', 'training stopped; the best weights are kept');
    else context.report('done', 'done');
  }

  /** The stages that change with every epoch are not read out each time. */
  private tell(stage: TrainProgress['stage'], before: TrainProgress['stage'] | undefined): void {
    const isQuiet = stage === 'validating' || before === 'validating';
    if (!isQuiet) this.context.report('busy', STAGES[stage]);
    this.isPaused = stage === 'paused';
    this.draw();
  }

  private show(progress: TrainProgress): void {
    const { stage, done, total, secondsLeft } = progress;
    this.curves.add(progress);
    const isCounting = stage !== 'reading' && stage !== 'compiling';
    const fraction = isCounting && total > 0 ? done / total : 0;
    this.progress.setAttribute('aria-valuenow', String(Math.round(fraction * 1000) / 1000));
    this.progress.setAttribute('aria-valuetext', `${Math.round(fraction * 100)} %`);
    this.bar.style.transform = `scaleX(${fraction})`;
    const counted = isCounting ? `step ${done} of ${total}` : `${done} of ${total}`;
    const left =
      secondsLeft !== undefined && stage !== 'paused' ? `, ${duration(secondsLeft)} to go` : '';
    this.note.textContent = `${STAGES[stage]}: ${counted}${left}`;
    const { lastLoss, best } = this.curves;
    if (lastLoss !== undefined) this.loss.textContent = lastLoss.toFixed(4);
    this.dice.textContent = best
      ? `${short(best.accumulatedDice)} (best, epoch ${best.epoch + 1})`
      : '–';
  }

  /** Keeps the best weights so far behind the link. */
  private async keep(job: TrainJob): Promise<void> {
    try {
      const model = modelBlob(await job.saveModel());
      if (this.job === job) {
        this.model = model;
        this.showModel();
      }
    } catch {
      // The training has ended meanwhile: its result, or its error, says more.
    }
  }

  private showModel(): void {
    const { model } = this;
    const name = modelFileName(this.name.value, this.name.placeholder || nameOfNow());
    this.link.update(model && { name, blob: model });
    if (model) this.link.root.download = name;
  }

  private useModel(): void {
    if (!this.model) return;
    const name = modelFileName(this.name.value, this.name.placeholder || nameOfNow());
    this.context.useModel(new File([this.model], name));
  }

  private ask(question: 'pause' | 'resume' | 'stop'): void {
    if (question !== 'stop') this.isPaused = question === 'pause';
    this.draw();
    this.job?.[question]().catch((error: unknown) => {
      this.note.textContent = plainMessage(error);
    });
  }
}

function button(text: string, testid: string, onclick: () => void, kind = ''): HTMLButtonElement {
  const name = kind === '' ? {} : { class: kind };
  return element(
    'button',
    { type: 'button', 'data-testid': testid, disabled: true, ...name, onclick },
    text,
  );
}

const modelBlob = (file: Uint8Array<ArrayBuffer>): Blob =>
  new Blob([file], { type: 'application/octet-stream' });

function outcome({ history, best, devicesLost }: TrainedModel): string {
  const weights = best
    ? `the weights of epoch ${best.epoch + 1} are kept, with a validation Dice of ${short(best.accumulatedDice)}`
    : 'the last weights are kept';
  const losses = devicesLost > 0 ? ` The graphics device was lost ${devicesLost} times.` : '';
  return `${history.steps.length} steps; ${weights}.${losses}`;
}

/** Fills an empty element with the training. */
export function createTrainPanel(root: HTMLElement, context: TrainContext): void {
  new TrainPanel(root, context);
}
