import { expect, it } from 'vitest';
import { FormatError } from '../../src/errors.ts';
import { encodeSafetensors } from '../../src/io/safetensors.ts';
import {
  decodeTrainingState,
  encodeTrainingState,
  type TrainingState,
} from '../../src/train/training_state.ts';

const tensor = (...values: number[]) => ({
  shape: [values.length],
  data: Float32Array.from(values),
});

const STATE: TrainingState = {
  history: {
    totalSteps: 8,
    lrMax: 0.01,
    lossName: 'DiceCELoss',
    steps: [{ step: 0, epoch: 0, loss: Math.fround(0.7), lr: 0.0004, momentum: 0.95 }],
    epochs: [
      {
        epoch: 0,
        steps: 1,
        trainLoss: 0.7,
        validLoss: Number.NaN,
        accumulatedDice: Number.NaN,
        isBest: false,
        seconds: 1.5,
      },
    ],
  },
  model: new Map([['0.weight', tensor(1, 2)]]),
  adam: new Map([
    ['0.weight', { steps: 1, gradAvg: Float32Array.of(3, 4), sqrAvg: Float32Array.of(5, 6) }],
  ]),
};

it('comes back as it was, NaN in the history included', () => {
  expect(decodeTrainingState(encodeTrainingState(STATE))).toEqual(STATE);
  const callbacks = new Map([
    ['saveModel', { tensors: new Map([['0.weight', tensor(7, 8)]]) }],
    ['counter', { values: { batches: 3 } }],
    ['both', { values: 4, tensors: new Map([['a/b', tensor(9)]]) }],
  ]);
  const withCallbacks = { ...STATE, callbacks };
  expect(decodeTrainingState(encodeTrainingState(withCallbacks))).toEqual(withCallbacks);
  const stopped = { ...STATE.history, schedule: 'constant' as const, stopped: 'enough' };
  const withReason = { ...STATE, history: stopped };
  expect(decodeTrainingState(encodeTrainingState(withReason))).toEqual(withReason);
  const [epoch] = STATE.history.epochs;
  const epochs = [{ ...epoch!, accumulatedDicePerClass: [0.5, Number.NaN] }];
  const withClasses = { ...STATE, history: { ...STATE.history, epochs } };
  expect(decodeTrainingState(encodeTrainingState(withClasses))).toEqual(withClasses);
  const withKernels = { ...STATE, kernels: { 'conv3d forward f32': 'naive' } };
  expect(decodeTrainingState(encodeTrainingState(withKernels))).toEqual(withKernels);
});

it('refuses files that hold something else', () => {
  const other = encodeSafetensors({ a: tensor(1) }, { voxgrad_training: '{"version":99}' });
  expect(() => decodeTrainingState(other)).toThrow(FormatError);
  expect(() => decodeTrainingState(encodeSafetensors({ a: tensor(1) }))).toThrow(FormatError);
  const broken = encodeSafetensors({}, { voxgrad_training: '{' });
  expect(() => decodeTrainingState(broken)).toThrow('no training state');
});

it('refuses a state whose averages are missing', () => {
  const { history } = STATE;
  const metadata = JSON.stringify({ version: 2, history, adamSteps: { '0.weight': 1 } });
  const incomplete = encodeSafetensors({}, { voxgrad_training: metadata });
  expect(() => decodeTrainingState(incomplete)).toThrow("'0.weight' has no averages");
});
