/** Eight real scans, trained on in the page; the model file predicts on Node. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeWholeFile } from '../../../src/node/whole_file.ts';
import { runCli } from '../../helpers/cli.ts';
import { ends, trainInPage } from '../training.ts';
import { type Check, must } from './context.ts';

const SCANS = 8;
const STEPS = 80;

export const training: Check = {
  name: `a training on ${SCANS} scans of the hippocampus lowers the loss; its model predicts on Node`,
  needsData: true,
  async run({ data, open, say }) {
    const task = join(data!, 'Task04_Hippocampus');
    const names = (await readdir(join(task, 'labelsTr'))).sort().slice(0, SCANS);
    const read = (folder: string) =>
      Promise.all(
        names.map(async (name) => ({ name, bytes: await readFile(join(task, folder, name)) })),
      );
    const app = await open();
    await app.adapter();
    await app.choose('scan-input', ...(await read('imagesTr')));
    await app.choose('label-input', ...(await read('labelsTr')));
    const started = performance.now();
    const { text, losses } = await trainInPage(app, STEPS);
    must(text === 'done', `the training ended with: ${text}`);
    const [first, last] = ends(losses, 10);
    const seconds = (performance.now() - started) / 1000;
    say(
      `loss ${first.toFixed(3)} to ${last.toFixed(3)} in ${STEPS} steps, ${seconds.toFixed(0)} s`,
    );
    must(last < first, `the loss went from ${first} to ${last}`);
    const out = await mkdtemp(join(tmpdir(), 'voxgrad-web-'));
    try {
      const model = join(out, 'model.safetensors');
      await writeWholeFile(model, (await app.download('save-model')).bytes);
      const scan = join(task, 'imagesTr', names[0]!);
      const { code, stderr } = await runCli(['predict', '--model', model, '--out', out, scan]);
      must(code === 0, `voxgrad predict ended with exit code ${code}: ${stderr}`);
    } finally {
      await rm(out, { recursive: true, force: true });
    }
  },
};
