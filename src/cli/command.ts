/** What all commands share: help with an example, --json, --verbose, errors, Ctrl-C, exit codes. */
import { Command } from 'commander';
import { VoxgradError } from '../errors.ts';
import { type CommonOptions, Terminal } from './terminal.ts';

/** 128 + SIGINT, as shells report an interrupted program. */
export const INTERRUPTED = 130;

export interface Context {
  readonly terminal: Terminal;
  /** Set by Ctrl-C; long work ends at its next boundary. */
  readonly signal: AbortSignal;
}

/** Thrown where work ends because of Ctrl-C, after everything worth keeping was written. */
export class Interrupted extends Error {
  override name = 'Interrupted';
}

/** A command with the common options; `example` is shown under --help, what it does says main.ts. */
export function command(name: string, example: string): Command {
  return new Command(name)
    .option('--json', 'machine-readable result on stdout; logs and bars stay on stderr')
    .option('--verbose', 'show where an error came from')
    .addHelpText('after', `\nExample:\n${example.replace(/^/gm, '  ')}`)
    .showHelpAfterError(`(voxgrad ${name} --help shows the options and an example)`);
}

/**
 * Runs a command's work and turns its end into an exit code: 0 success, 1 error, 130 Ctrl-C.
 * A second Ctrl-C ends the process at once.
 */
export async function execute(
  options: CommonOptions,
  work: (context: Context) => Promise<void>,
): Promise<void> {
  const terminal = new Terminal(options);
  const controller = new AbortController();
  const onInterrupt = (): void => {
    if (controller.signal.aborted) process.exit(INTERRUPTED);
    terminal.log('\nstopping at the next boundary; press Ctrl-C again to quit at once');
    controller.abort(new Interrupted('stopped by Ctrl-C'));
  };
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onInterrupt);
  try {
    await work({ terminal, signal: controller.signal });
  } catch (error) {
    process.exitCode = report(error, terminal, options, controller.signal);
  } finally {
    process.off('SIGINT', onInterrupt);
    process.off('SIGTERM', onInterrupt);
  }
}

function report(
  error: unknown,
  terminal: Terminal,
  options: CommonOptions,
  signal: AbortSignal,
): number {
  if (signal.aborted && (error instanceof Interrupted || error === signal.reason)) {
    terminal.log((error as Error).message);
    return INTERRUPTED;
  }
  const known = error instanceof VoxgradError;
  const message = error instanceof Error ? error.message : String(error);
  terminal.log(`error: ${message}`);
  if (options.verbose && error instanceof Error && error.stack) terminal.log(error.stack);
  else if (!known) terminal.log('(--verbose shows where this happened)');
  return 1;
}
