// How much of a training step is augmentation? Batches of one size, all transforms of the tutorial.
//
//   npx tsx tools/augmentation_share.ts --patch 64,64,64 --batch 4
//   npx tsx tools/augmentation_share.ts --data Task04_Hippocampus
import { parseArgs } from 'node:util';
import { identityAffine } from '../src/io/affine.ts';
import { DiceCELoss } from '../src/nn/dice_ce_loss.ts';
import { UNet } from '../src/nn/unet.ts';
import { openGpu } from '../src/node/dawn.ts';
import { planRun } from '../src/node/run_plan.ts';
import { drawnName } from '../src/patch/deferred.ts';
import { transformFromSpec } from '../src/patch/transforms/from_spec.ts';
import { Rng } from '../src/rng.ts';
import { product } from '../src/shape.ts';
import { uploadBatch } from '../src/train/augment_batch.ts';
import type { Batch } from '../src/train/batch.ts';
import { runSettings } from '../src/train/run_config.ts';
import { TrainingStep } from '../src/train/training_step.ts';

const { values } = parseArgs({
  options: {
    /** Plans patch and network from a Decathlon folder. */
    data: { type: 'string' },
    /** Otherwise the tutorial's network on patches of this size. */
    patch: { type: 'string', default: '64,64,64' },
    batch: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '7' },
  },
});

const TUTORIAL = [
  { name: 'RandomAffine', params: { scales: [0.95, 1.3], degrees: 15, translation: 5 } },
  { name: 'RandomGamma', params: {} },
  { name: 'RandomBiasField', params: {} },
  { name: 'RandomBlur', params: {} },
  { name: 'RandomNoise', params: {} },
  { name: 'RandomFlip', params: { axes: [0, 1, 2] } },
];

async function networkAndPatch() {
  const channels = [16, 32, 64, 128, 256];
  if (!values.data) {
    const network = { inChannels: 1, outChannels: 2, channels, strides: [2, 2, 2, 2] };
    return { network, patch: values.patch.split(',').map(Number) };
  }
  const plan = await planRun(values.data, runSettings({ training: { steps: 1 } }));
  const { inChannels, classNames, run } = plan;
  const network = { ...run.network, inChannels, outChannels: classNames.length };
  return { network, patch: [...run.patch.patchSize] };
}

const { network, patch } = await networkAndPatch();
const count = Number(values.batch);
const shape = [network.inChannels, ...patch] as [number, number, number, number];
const imageShape = [count, ...shape];
const labelShape = [count, 1, ...patch];

/** As chance has it, or each transform of every sample. */
function batchOf(round: number, always: boolean): Batch {
  const augmentations = TUTORIAL.map(({ name, params }, m) => {
    const chance = name === 'RandomFlip' ? { flipProbability: 1 } : { p: 1 };
    const spec = { name, params: { ...params, ...(always ? chance : {}) } };
    const transform = transformFromSpec(spec);
    const samples = Array.from({ length: count }, (_, n) => {
      const grid = { shape, affine: identityAffine() };
      return transform.draw!(grid, Rng.seed(round).fold(n).fold(m))?.params ?? null;
    });
    return { name: drawnName(spec), samples };
  });
  const image = Float32Array.from({ length: product(imageShape) }, (_, n) => Math.sin(n / 5));
  const label = Uint32Array.from({ length: product(labelShape) }, (_, n) => (n % 97 === 0 ? 1 : 0));
  return { image, imageShape, label, labelShape, augmentations };
}

const gpu = await openGpu();
const model = new UNet(gpu, Rng.seed(0), network);
const step = new TrainingStep({
  gpu,
  model,
  loss: new DiceCELoss(),
  seed: 0,
  adam: undefined,
  checkpointing: false,
  precision: 'f32',
});

async function seconds(work: () => unknown): Promise<number> {
  await gpu.sync();
  const start = performance.now();
  await work();
  await gpu.sync();
  return (performance.now() - start) / 1000;
}

const upload = (batch: Batch) =>
  seconds(() => {
    using scope = gpu.scope();
    uploadBatch(scope, batch);
  });
const median = (numbers: number[]): number =>
  numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)]!;

const times = {
  plain: [] as number[],
  drawn: [] as number[],
  all: [] as number[],
  step: [] as number[],
};
// The first round compiles.
for (let round = 0; round <= Number(values.rounds); round++) {
  const [drawn, all] = [batchOf(round, false), batchOf(round, true)];
  const plain = { ...drawn, augmentations: [] };
  if (round === 0) await step.prepare([all], {});
  const measured = {
    plain: await upload(plain),
    drawn: await upload(drawn),
    all: await upload(all),
    step: await seconds(() =>
      step.run([plain], { step: round, rate: { lr: 1e-3, momentum: 0.9 } }),
    ),
  };
  if (round === 0) continue;
  for (const key of ['plain', 'drawn', 'all', 'step'] as const) times[key].push(measured[key]);
}
const [plain, drawn, all, whole] = [times.plain, times.drawn, times.all, times.step].map(
  median,
) as [number, number, number, number];
const share = (time: number): string =>
  `${(1000 * (time - plain)).toFixed(1)} ms, ${((100 * (time - plain)) / whole).toFixed(1)} % of the step`;
process.stdout.write(
  [
    `batch ${imageShape.join('x')}, channels ${network.channels.join(', ')}: training step ${(1000 * whole).toFixed(0)} ms`,
    `augmentation as drawn (p 0.5):            ${share(drawn)}`,
    `all six transforms of every sample (p 1): ${share(all)}`,
    '',
  ].join('\n'),
);
step.dispose();
model.dispose();
gpu.destroy();
