#!/usr/bin/env node
/** `voxgrad <command>`: parses the command line and hands over to the command's own file. */
import { Command } from 'commander';
import { packageVersion } from './version.ts';

interface CommandEntry {
  readonly about: string;
  readonly load: () => Promise<Command>;
}

/** A command's file, with the GPU driver and whatever else it needs, is loaded when it is called. */
const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  doctor: {
    about: 'Check Node, the graphics driver and the kernels on this machine.',
    load: async () => (await import('./doctor.ts')).doctorCommand(),
  },
  demo: {
    about: 'Make scans, train, predict, evaluate, and write a report.',
    load: async () => (await import('./demo.ts')).demoCommand(),
  },
  data: {
    about: 'Fetch a Decathlon task; show what is in a data set.',
    load: async () => (await import('./data.ts')).dataCommand(),
  },
  preprocess: {
    about: 'Reorder, resample and normalise the scans of a task folder once, for many trainings.',
    load: async () => (await import('./preprocess.ts')).preprocessCommand(),
  },
  'lr-find': {
    about: 'Find a learning rate for a training.',
    load: async () => (await import('./lr_find.ts')).lrFindCommand(),
  },
  train: {
    about: 'Train a segmentation network on a Decathlon task folder.',
    load: async () => (await import('./train.ts')).trainCommand(),
  },
  predict: {
    about: 'Segment NIfTI scans with a trained model.',
    load: async () => (await import('./predict.ts')).predictCommand(),
  },
  evaluate: {
    about: 'Measure predictions against label maps.',
    load: async () => (await import('./evaluate.ts')).evaluateCommand(),
  },
  runs: {
    about: 'List training runs, and show how they differ.',
    load: async () => (await import('./runs.ts')).runsCommand(),
  },
  ui: {
    about: 'Show runs, curves, figures and scans in a browser.',
    load: async () => (await import('./ui.ts')).uiCommand(),
  },
  web: {
    about: 'Serve the browser application: segment scans and train in the page.',
    load: async () => (await import('./web.ts')).webCommand(),
  },
  mlflow: {
    about: 'Send a run to an MLflow server.',
    load: async () => (await import('./mlflow.ts')).mlflowCommand(),
  },
  bench: {
    about: 'Measure kernels and the whole network against what this adapter can do at best.',
    load: async () => (await import('./bench.ts')).benchCommand(),
  },
};

const program = new Command('voxgrad')
  .description('3D medical image segmentation on WebGPU: train, predict, evaluate, measure.')
  .version(packageVersion())
  .addHelpText('after', '\nStart with:\n  voxgrad doctor\n  voxgrad demo')
  .showHelpAfterError('(voxgrad --help lists the commands)');

const called = process.argv.slice(2).find((argument) => Object.hasOwn(COMMANDS, argument));
for (const [name, { about, load }] of Object.entries(COMMANDS)) {
  // The others only stand in the list of commands.
  const command = name === called ? await load() : new Command(name);
  program.addCommand(command.description(about));
}
await program.parseAsync();
