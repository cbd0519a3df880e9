/** A run folder for a training that a program of its own drives, with a `Learner`. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '../errors.ts';
import type { StateDict } from '../nn/module.ts';
import { UNet } from '../nn/unet.ts';
import { preprocessingOf } from '../patch/preprocessing.ts';
import type { Callback, FitContext } from '../train/callbacks/callback.ts';
import { encodeModel } from '../train/checkpoint.ts';
import { bestEpoch } from '../train/history.ts';
import type { Learner } from '../train/learner.ts';
import type { RunConfig } from '../train/run_config.ts';
import { curvesOf, plotCurves } from './figure/plot_curves.ts';
import { MedPatchDataLoaders } from './med_patch_data_loaders.ts';
import { makeRunFolder, type RunFolder, writeSplitFile } from './run_folder.ts';
import { LiveRecord } from './runs/live_record.ts';
import { writeJsonFile, writeWholeFile } from './whole_file.ts';

export interface RecordRunOptions {
  /** The run folder; what an earlier run left there is replaced. */
  readonly root: string;
  /** Folder of the data set, for whoever looks at the run later. */
  readonly data: string;
  /** Of each class, background first. */
  readonly classNames: readonly string[];
  /** Whether all labels above 0 were made one. Default: there are two classes. */
  readonly binary?: boolean;
  /** Names of subjects that training never sees. */
  readonly test?: readonly string[];
  /** Receives what goes wrong without harm to the training. */
  readonly onWarning?: (message: string) => void;
}

/**
 * Leaves of a fit what `trainRun` leaves: config.json, split.json, history.json, figures/training.png,
 * the best model as model.safetensors, and while it runs status.json and steps.jsonl. `voxgrad runs`
 * and `voxgrad ui` show it.
 *
 * @param learner with a UNet and the loaders of `MedPatchDataLoaders`
 * @throws ConfigError for another network or other loaders, whose settings no run folder can hold
 * @see fastMONAI create_mlflow_callback, whose default store is a local database
 */
export function recordRun(learner: Learner, options: RecordRunOptions): Callback {
  const { root, data, classNames, onWarning } = options;
  const { model, loaders } = learner;
  if (!(model instanceof UNet) || !(loaders instanceof MedPatchDataLoaders)) {
    throw new ConfigError(
      'recordRun: the settings of this training cannot be recorded. Got a learner whose model is no UNet, or whose loaders are not of MedPatchDataLoaders. Use those, or record with a callback of your own.',
    );
  }
  const patch = loaders.config;
  let folder: RunFolder;
  let live: LiveRecord | undefined;
  let failure: unknown;
  let best = Number.NEGATIVE_INFINITY;

  const save = (stateDict: StateDict): Promise<void> => {
    const bytes = encodeModel({
      architecture: { name: 'UNet', ...model.config },
      patchConfig: patch,
      preprocessing: preprocessingOf(patch),
      classNames,
      stateDict,
    });
    return writeWholeFile(folder.model, bytes);
  };

  return {
    name: 'recordRun',
    // After saveModel has put the best weights back.
    order: 70,
    async beforeFit(fit) {
      folder = await makeRunFolder(root);
      failure = undefined;
      best = bestEpoch(fit.history)?.accumulatedDice ?? Number.NEGATIVE_INFINITY;
      const earlier = fit.isResumed ? [] : [folder.history, folder.model, folder.checkpoint];
      for (const file of earlier) await rm(file, { force: true });
      const names = (section: { readonly names: readonly string[] } | undefined) =>
        section?.names ?? [];
      await writeSplitFile(folder.split, {
        train: names(loaders.train),
        validation: names(loaders.valid),
        test: options.test ?? [],
      });
      await writeJsonFile(folder.config, runConfig(learner, loaders, options, fit));
      live = await LiveRecord.start({
        root,
        data,
        classNames,
        parameters: model.parameterCount,
        totalSteps: fit.history.totalSteps,
        resumed: fit.isResumed,
        ...(onWarning ? { onWarning } : {}),
      });
    },
    afterBatch(record) {
      live?.step(record);
    },
    async afterEpoch({ accumulatedDice }, { history }) {
      await writeJsonFile(folder.history, history);
      live?.saved(history.steps.length);
      if (!(accumulatedDice > best)) return;
      best = accumulatedDice;
      await save(await model.stateDict());
    },
    async afterFit({ history }) {
      await save(await model.stateDict());
      await writeWholeFile(
        join(folder.figures, 'training.png'),
        await plotCurves(curvesOf(history)),
      );
      await writeJsonFile(folder.history, { ...history, complete: true });
    },
    async onError(error, { history }) {
      failure = error;
      if (history.steps.length > 0) await writeJsonFile(folder.history, history);
    },
    async dispose() {
      await live?.end(failure);
    },
  };
}

/** The settings in the form in which `train --config` would take them. */
function runConfig(
  { settings }: Learner,
  { config, bs, seed, augmentations }: MedPatchDataLoaders,
  { classNames, binary = classNames.length === 2 }: RecordRunOptions,
  { model, history, stepsPerEpoch }: FitContext,
): RunConfig {
  const { inChannels, outChannels, ...network } = (model as UNet).config;
  return {
    binary,
    patch: config,
    augmentations: augmentations.map(({ name, params }) => ({ name, params: { ...params } })),
    network: network as RunConfig['network'],
    training: {
      ...settings,
      seed,
      batchSize: bs,
      learningRate: history.lrMax,
      epochs: Math.ceil(history.totalSteps / stepsPerEpoch),
    } as RunConfig['training'],
    split: { validPct: 0, testPct: 0, exclude: [] },
    tracking: {},
  };
}
