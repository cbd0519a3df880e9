/**
 * The fastMONAI tutorial "Patch-Based Binary Segmentation", cell by cell: from a folder of heart scans
 * to a tracked, measured model.
 *
 *   npx tsx examples/heart.ts                          downloads Task02_Heart into data/
 *   npx tsx examples/heart.ts --data DIR --epochs 8    any folder with a Decathlon dataset.json
 */
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  classNamesOf,
  DiceCELoss,
  decathlonDataset,
  evaluateFiles,
  Learner,
  labelledEvaluationJson,
  labelledEvaluationText,
  MedPatchDataLoaders,
  medDataset,
  openGpu,
  PatchConfig,
  patchInference,
  planStrides,
  plotLoss,
  plotLrFind,
  Rng,
  randomAffine,
  randomBiasField,
  randomBlur,
  randomFlip,
  randomGamma,
  randomNoise,
  readDatasetFolder,
  recordRun,
  saveModel,
  showSegmentationComparison,
  toCsv,
  trainTestSplit,
  UNet,
  writeJsonFile,
  writeWholeFile,
  zNormalization,
} from '../src/node.ts';
import { patientsOf } from './patients.ts';

const { values: args } = parseArgs({
  options: {
    data: { type: 'string' },
    epochs: { type: 'string', default: '50' },
    out: { type: 'string', default: 'runs/heart' },
  },
});
const seed = 42;
const gpu = await openGpu();
/** A processor that plays GPU has the time for a coarser grid and a smaller network. */
const isSlow = gpu.info.isFallbackAdapter;
const write = (name: string, data: string | Uint8Array) =>
  writeWholeFile(join(args.out, name), data);

// Labelled scans; those of a tenth of the patients are kept for the end.
const labelled = args.data
  ? (await readDatasetFolder(args.data)).subjects
  : await decathlonDataset({
      root: 'data',
      task: 'Task02_Heart',
      section: 'training',
      download: true,
    });
const root = dirname(dirname(labelled[0]!.image));
const { json } = await readDatasetFolder(root);
const classNames = classNamesOf(json, false);
const patientOf = await patientsOf(root);
const patients = [...new Set(labelled.map(({ name }) => patientOf(name)))];
const held = trainTestSplit(patients, { testSize: 0.1, randomState: seed });
const test = labelled.filter(({ name }) => held.test.includes(patientOf(name)));
const chooses = trainTestSplit(held.train, { testSize: 0.1, randomState: seed }).test;
const train = labelled
  .filter(({ name }) => !held.test.includes(patientOf(name)))
  .map((record) => ({ ...record, isValid: chooses.includes(patientOf(record.name)) }));

// What the label maps have in common, and a spacing and a patch size for them.
const dataset = await medDataset({
  records: train,
  maskCol: 'label',
  dtype: 'mask',
  applyReorder: true,
});
console.table(dataset.summary().map((row) => ({ ...row, examplePath: basename(row.examplePath) })));
const suggestion = dataset.getSuggestion();
const maxPatchSize = [128, 128, 64] as const;
const { median } = dataset.getSizeStatistics(suggestion.targetSpacing);
const wholeScan = suggestion.targetSpacing.map((mm, axis) =>
  Math.max(mm, (mm * median[axis]!) / maxPatchSize[axis]!),
) as [number, number, number];
const foreground = classNames.length - 1;
const config = PatchConfig.fromDataset(dataset, {
  targetSpacing: isSlow ? wholeScan : suggestion.targetSpacing,
  minPatchSize: [8, 8, 8],
  maxPatchSize,
  divisor: 8,
  patchOverlap: 0.5,
  samplesPerVolume: 8,
  samplerType: 'label',
  labelProbabilities: Object.fromEntries(
    classNames.map((_, label) => [label, label === 0 ? 0.1 : 0.9 / foreground]),
  ),
  keepLargestComponent: true,
});
console.log(config);

// Batches of patches: normalised by scan, changed at random in training. Slices far apart are not turned
// out of their plane.
const spacing = config.targetSpacing!;
const thick = spacing.map((mm) => mm > 3 * Math.min(...spacing));
const perAxis = (range: readonly number[], none: number, off: (axis: number) => boolean) =>
  [0, 1, 2].flatMap((axis) => (off(axis) ? [none, none] : range));
const dls = MedPatchDataLoaders.fromRecords(train, {
  patchConfig: config,
  imgCol: 'image',
  maskCol: 'label',
  validCol: 'isValid',
  bs: 4,
  seed,
  prePatchTfms: [zNormalization()],
  patchTfms: [
    randomAffine({
      scales: perAxis([0.95, 1.3], 1, (axis) => thick[axis]!),
      degrees: perAxis([-15, 15], 0, (axis) => thick.some((is, other) => is && other !== axis)),
      translation: perAxis([-5, 5], 0, (axis) => thick[axis]!),
    }),
    randomFlip({ axes: ['LR'] }),
    randomGamma({ logGamma: [-0.3, 0.3] }),
    randomBiasField({ coefficients: 0.5 }),
    randomBlur({ std: [0, 0.8] }),
    randomNoise({ std: 0.1 }),
  ],
});
await write('figures/batch.png', await dls.showBatch());

// The network, its loss, and a learning rate.
const strides = planStrides(config.patchSize, spacing, isSlow ? 3 : 4);
const width = isSlow ? 8 : 16;
const model = new UNet(gpu, Rng.seed(seed), {
  inChannels: json.modality.length,
  outChannels: classNames.length,
  channels: [width, ...strides.map((_, level) => width * 2 ** (level + 1))],
  strides,
  numResUnits: 2,
});
const learner = new Learner({ gpu, model, loaders: dls, loss: new DiceCELoss(), seed });
const finding = await learner.lrFind({ loaders: dls });
await write('figures/lr_find.png', await plotLrFind(finding));
console.log(`learning rate ${finding.valley.toExponential(1)}`);

// Training: recorded, the best epoch kept.
const run = recordRun(learner, {
  root: args.out,
  data: root,
  classNames,
  test: test.map(({ name }) => name),
});
await learner.fitOneCycle(Number(args.epochs), finding.valley, {
  callbacks: [saveModel({ monitor: 'accumulated_dice' }), run],
  onMessage: (text) => console.log(text),
  onEpoch: ({ epoch, trainLoss, validLoss, accumulatedDice, seconds }) =>
    console.log(
      `epoch ${epoch}: train_loss ${trainLoss.toFixed(4)}, valid_loss ${validLoss.toFixed(4)}, accumulated_dice ${accumulatedDice.toFixed(4)}, ${seconds.toFixed(0)} s`,
    ),
});
await write('figures/loss.png', await plotLoss(learner.recorder.plotLoss()));
await writeJsonFile(join(args.out, 'patch_config.json'), dls.config);

// Unseen scans, segmented on their own grids and measured.
const predictions = await patchInference(
  learner,
  dls.config,
  test.map(({ image }) => image),
  { saveDir: join(args.out, 'predictions') },
);
const pairs = predictions.map(({ name, prediction }, n) => ({
  name,
  prediction: prediction!,
  label: test[n]!.label,
}));
const evaluation = await evaluateFiles({ pairs, binary: false });
console.log(labelledEvaluationText(evaluation));
await write('evaluation/metrics.csv', toCsv(evaluation));
await writeJsonFile(
  join(args.out, 'evaluation', 'metrics.json'),
  labelledEvaluationJson(evaluation),
);

// The first of them as a picture.
const { image, label } = test[0]!;
await write(
  'figures/comparison.png',
  await showSegmentationComparison({
    image,
    groundTruth: label,
    prediction: predictions[0]!.volume!,
    metricValue: evaluation.cases[0]!.dsc,
    anatomicalPlane: 2,
    title: basename(image),
  }),
);
await dls.close();
learner.dispose();
model.dispose();
gpu.destroy();
