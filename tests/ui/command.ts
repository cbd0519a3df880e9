/** `voxgrad ui` as a process of its own. */
import { type ServedCommand, serveCommand } from '../helpers/served_command.ts';
import type { SampleRuns } from './sample_runs.ts';

/** Starts the command on a free port and waits until it serves. */
export function startUi({ runs, data }: SampleRuns): Promise<ServedCommand> {
  return serveCommand('ui', [runs, '--data', data]);
}
