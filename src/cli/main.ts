#!/usr/bin/env node
/** `voxgrad <command>`: parses the command line and hands over to the command's own file. */
import { Command } from 'commander';
import { demoCommand } from './demo.ts';
import { doctorCommand } from './doctor.ts';
import { evaluateCommand } from './evaluate.ts';
import { predictCommand } from './predict.ts';
import { trainCommand } from './train.ts';
import { packageVersion } from './version.ts';

const program = new Command('voxgrad')
  .description('3D medical image segmentation on WebGPU: train, predict, evaluate.')
  .version(packageVersion())
  .addCommand(doctorCommand())
  .addCommand(demoCommand())
  .addCommand(trainCommand())
  .addCommand(predictCommand())
  .addCommand(evaluateCommand())
  .addHelpText('after', '\nStart with:\n  voxgrad doctor\n  voxgrad demo')
  .showHelpAfterError('(voxgrad --help lists the commands)');

await program.parseAsync();
