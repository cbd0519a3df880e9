/** `voxgrad data fetch`: a task of the Medical Segmentation Decathlon, from the network to a folder. */
import type { Command } from 'commander';
import { readDatasetFolder } from '../node/dataset_folder.ts';
import { type FetchStage, fetchTask } from '../node/decathlon/fetch_task.ts';
import {
  DECATHLON_LICENCE,
  DECATHLON_TASKS,
  DECATHLON_URL,
  decathlonTask,
} from '../node/decathlon/tasks.ts';
import { type Context, command, execute } from './command.ts';
import { type Progress, startProgress } from './progress.ts';
import { type CommonOptions, showBytes } from './terminal.ts';

interface FetchOptions extends CommonOptions {
  readonly root: string;
  readonly url?: string;
}

export const FETCH_EXAMPLE = `voxgrad data fetch Task04_Hippocampus --root data
voxgrad data fetch heart --root data`;

const TABLE = DECATHLON_TASKS.map(({ name, size }) => `  ${name.padEnd(22)} ${size}`).join('\n');

const NOTES = `
TASK is a name, a number or an organ (Task02_Heart, 2, heart) of
${TABLE}
Licence: ${DECATHLON_LICENCE} (medicaldecathlon.com).

The archive goes to <root>/<task>.tar, its md5 is compared, and it is unpacked to <root>/<task>, which
needs as much room again; the archive can be deleted then. After Ctrl-C or a broken connection the same
command goes on where it ended. HTTP_PROXY, HTTPS_PROXY and NO_PROXY are heeded.`;

export function fetchCommand(): Command {
  return command('fetch', FETCH_EXAMPLE)
    .description('Download a task of the Medical Segmentation Decathlon, verify and unpack it.')
    .showHelpAfterError('(voxgrad data fetch --help lists the tasks)')
    .argument('<task>', 'name, number or organ')
    .requiredOption('--root <dir>', 'folder to put the task folder into')
    .option('--url <base>', `where the archives are (default: ${DECATHLON_URL})`)
    .addHelpText('after', NOTES)
    .action((task: string, _: FetchOptions, self: Command) => {
      // --json may stand before `fetch` too.
      const options = self.optsWithGlobals<FetchOptions>();
      return execute(options, (context) => fetchData(task, options, context));
    });
}

const TITLES: Record<FetchStage, string> = {
  download: 'downloading',
  verify: 'verifying',
  extract: 'unpacking',
};

/** A bar per stage; a server that does not say how long a file is gets a bar without an end. */
function stageBars() {
  let stage: FetchStage | undefined;
  let bar: Progress | undefined;
  return {
    update(now: FetchStage, done: number, total = Number.POSITIVE_INFINITY): void {
      if (now !== stage) {
        bar?.stop();
        const show = (bytes: number): string => (Number.isFinite(bytes) ? showBytes(bytes) : '?');
        // What an earlier call left took no time now.
        bar = startProgress(TITLES[now], total, { show, from: done });
        stage = now;
      }
      bar?.update(done);
    },
    log: (line: string, otherwise: (line: string) => void): void =>
      bar ? bar.log(line) : otherwise(line),
    stop: (): void => bar?.stop(),
  };
}

async function fetchData(text: string, options: FetchOptions, { terminal, signal }: Context) {
  const { root, url } = options;
  const task = decathlonTask(text);
  terminal.log(`${task.name}: about ${task.size}, licence ${DECATHLON_LICENCE}`);
  const bars = stageBars();
  const { folder, archive } = await fetchTask(task, root, {
    url,
    signal,
    onProgress: (stage, done, total) => bars.update(stage, done, total),
    onWarning: (message) => bars.log(`warning: ${message}`, (line) => terminal.log(line)),
  }).finally(() => bars.stop());
  const { json } = await readDatasetFolder(folder);
  const facts = {
    task: task.name,
    folder,
    archive: archive ?? null,
    licence: json.licence || DECATHLON_LICENCE,
    training: json.training.length,
    test: json.test.length,
  };
  const there = archive === undefined ? ' (was there already)' : '';
  const deletable = archive === undefined ? '' : `\n${archive} is not needed any more`;
  terminal.result(
    facts,
    `${folder}${there}: ${facts.training} scans with labels, ${facts.test} without${deletable}`,
  );
}
