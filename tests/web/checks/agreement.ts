/** The page and the command line on the same scan, model and kind of adapter. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readNifti } from '../../../src/io/nifti.ts';
import { runCli } from '../../helpers/cli.ts';
import { type Check, must } from './context.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
/** One of the scans that the demo model never saw. */
const CASE = 'hippocampus_087';
const PICTURE = join(root, 'docs', 'figures', 'web_app.png');

interface Evaluated {
  readonly cases: readonly { readonly dsc: number }[];
}

async function command(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runCli(args);
  must(code === 0, `voxgrad ${args[0]} ended with exit code ${code}: ${stderr}`);
  return stdout;
}

export const agreement: Check = {
  name: 'a scan of the hippocampus is segmented as by voxgrad predict',
  needsData: true,
  async run({ data, open, say, screenshot }) {
    const task = join(data!, 'Task04_Hippocampus');
    const fileName = `${CASE}.nii.gz`;
    const scan = join(task, 'imagesTr', fileName);
    const label = join(task, 'labelsTr', fileName);
    const app = await open();
    say(`adapter ${await app.adapter()}`);
    await app.choose('label-input', { name: fileName, bytes: await readFile(label) });
    await app.drop({ name: fileName, bytes: await readFile(scan) });
    await app.segment();
    const { name, bytes } = await app.download();
    must(name === `${CASE}_pred.nii.gz`, `the file is named ${name}`);
    const { cases } = (await app.metrics()) as Evaluated;
    const out = await mkdtemp(join(tmpdir(), 'voxgrad-web-'));
    try {
      const model = join(root, 'web/app/public/models/hippocampus.safetensors');
      await command('predict', '--model', model, '--out', out, scan);
      const here = readNifti(bytes);
      const there = readNifti(await readFile(join(out, name)));
      let differing = 0;
      here.data.forEach((value, n) => {
        if (value !== there.data[n]) differing++;
      });
      say(`${differing} of ${here.data.length} voxels differ`);
      must(
        differing <= here.data.length / 1000,
        `${differing} of ${here.data.length} voxels differ`,
      );
      const labels = join(task, 'labelsTr');
      const args = ['--predictions', out, '--labels', labels, '--subset', '--no-report', '--json'];
      const node = (JSON.parse(await command('evaluate', ...args)) as Evaluated).cases[0]!.dsc;
      const page = cases[0]!.dsc;
      say(`Dice ${page.toFixed(5)} in the page, ${node.toFixed(5)} on Node`);
      must(Math.abs(page - node) <= 0.001, `Dice ${page} in the page and ${node} on Node`);
    } finally {
      await rm(out, { recursive: true, force: true });
    }
    if (!screenshot) return;
    await app.page.setViewportSize({ width: 1280, height: 1180 });
    // Two frames: the first of the new size may still be drawn in the old one.
    await app.page.evaluate(() => {
      scrollTo(0, 0);
      return new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    });
    await app.page.screenshot({ path: PICTURE });
  },
};
