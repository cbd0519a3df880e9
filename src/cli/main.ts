#!/usr/bin/env node
/** `voxgrad <command>`: parses the command line and hands over to the command's own file. */
import { Command } from 'commander';
import { packageVersion } from './version.ts';

/** A command's file, with the GPU driver and whatever else it needs, is loaded when it is called. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  doctor: async () => (await import('./doctor.ts')).doctorCommand(),
  demo: async () => (await import('./demo.ts')).demoCommand(),
  train: async () => (await import('./train.ts')).trainCommand(),
  predict: async () => (await import('./predict.ts')).predictCommand(),
  evaluate: async () => (await import('./evaluate.ts')).evaluateCommand(),
  bench: async () => (await import('./bench.ts')).benchCommand(),
};

const program = new Command('voxgrad')
  .description('3D medical image segmentation on WebGPU: train, predict, evaluate, measure.')
  .version(packageVersion())
  .addHelpText('after', '\nStart with:\n  voxgrad doctor\n  voxgrad demo')
  .showHelpAfterError('(voxgrad --help lists the commands)');

const called = process.argv[2] ?? '';
const names = Object.hasOwn(COMMANDS, called) ? [called] : Object.keys(COMMANDS);
for (const name of names) program.addCommand(await COMMANDS[name]!());
await program.parseAsync();
