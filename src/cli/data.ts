/** `voxgrad data`: data sets, and what is in them. */
import type { Command } from 'commander';
import { ConfigError } from '../errors.ts';
import { type DatasetInfo, datasetInfo } from '../node/dataset_info.ts';
import { datasetInfoJson, datasetInfoText } from '../node/dataset_info_report.ts';
import { plotDataset } from '../node/figure/plot_dataset.ts';
import { writeWholeFile } from '../node/whole_file.ts';
import type { Triple } from '../shape.ts';
import { type Context, command, execute } from './command.ts';
import { FETCH_EXAMPLE, fetchCommand } from './data_fetch.ts';
import { positiveInteger, triple } from './option_values.ts';
import { startProgress } from './progress.ts';
import type { CommonOptions } from './terminal.ts';

interface InfoOptions extends CommonOptions {
  readonly out?: string;
  readonly spacing?: Triple;
  readonly asStored?: boolean;
  readonly headersOnly?: boolean;
  readonly workers?: number;
}

const EXAMPLE = `voxgrad data info Task04_Hippocampus --out hippocampus.png
voxgrad data info scans --headers-only --json`;

const NOTES = `
DIR is a Decathlon task folder, or any folder of NIfTI files. Sizes and spacings are those after
reordering the axes to RAS+, as training has them by default; --as-stored leaves them, and fails where
orientations are mixed. The suggested spacing is what most images have, per axis; the suggested patch
is the median image at that spacing, down to a multiple of 16 and between 32 and 256.
A file that cannot be read is listed with its error, and the command ends with exit code 1.`;

export function dataCommand(): Command {
  return command('data', `${EXAMPLE}\n${FETCH_EXAMPLE}`)
    .addCommand(infoCommand())
    .addCommand(fetchCommand());
}

function infoCommand(): Command {
  return command('info', EXAMPLE)
    .description('Print sizes, spacings, orientations, intensities and label volumes.')
    .showHelpAfterError('(voxgrad data info --help shows the options and an example)')
    .argument('<dir>', 'folder with dataset.json, or with NIfTI files')
    .option('--out <file>', 'figure of sizes, spacings and label volumes, a .png')
    .option('--spacing <mm>', 'target spacing, such as 1,1,1.5 (default: of most images)', triple)
    .option('--as-stored', 'axes as the files have them, not reordered to RAS+')
    .option('--headers-only', 'do not read voxels: no intensities, no label volumes')
    .option(
      '--workers <n>',
      'threads that read (default: one per core, where it pays)',
      positiveInteger,
    )
    .addHelpText('after', NOTES)
    .action((dir: string, _: InfoOptions, self: Command) => {
      // --json may stand before `info` too.
      const options = self.optsWithGlobals<InfoOptions>();
      return execute(options, (context) => info(dir, options, context));
    });
}

function checkFigureName(out: string | undefined): void {
  if (out === undefined || /\.png$/i.test(out)) return;
  throw new ConfigError(
    `data info: the figure is a PNG. Got --out ${out}. Choose a name that ends in .png.`,
  );
}

/** Two passes, over images and label maps, under one bar whose length the first call tells. */
function progressBar() {
  let bar: ReturnType<typeof startProgress> | undefined;
  return {
    update(done: number, total: number, path: string): void {
      bar ??= startProgress('data info', total);
      bar.update(done, path);
    },
    stop: (): void => bar?.stop(),
  };
}

async function info(dir: string, options: InfoOptions, { terminal, signal }: Context) {
  const { out, spacing, asStored = false, headersOnly = false, workers } = options;
  checkFigureName(out);
  const bar = progressBar();
  const warnings: string[] = [];
  const found = await datasetInfo(dir, {
    applyReorder: !asStored,
    headersOnly,
    signal,
    ...(spacing ? { targetSpacing: spacing } : {}),
    ...(workers === undefined ? {} : { maxWorkers: workers }),
    onProgress: (done, total, path) => bar.update(done, total, path),
    onWarning: (message) => warnings.push(message),
  }).finally(() => {
    bar.stop();
    for (const message of warnings) terminal.warn(message);
  });
  if (out !== undefined) {
    await writeWholeFile(out, await figureOf(found));
    terminal.log(`written: ${out}`);
  }
  const text = datasetInfoText(found);
  terminal.result({ ...datasetInfoJson(found), warnings }, text);
  const { images, labelMaps } = found;
  if (images.unreadable().length + (labelMaps?.unreadable().length ?? 0) > 0) process.exitCode = 1;
}

function figureOf({ name, images, labelMaps, labels }: DatasetInfo): Promise<Uint8Array> {
  return plotDataset({
    title: `${name}: ${images.readable().length} images`,
    images,
    labelMaps,
    classNames: new Map(labels.map(({ value, name }) => [value, name])),
  });
}
