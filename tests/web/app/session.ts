/** What tests of the application share: a browser, the server, and small scans with a model for them. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { writeWholeFile } from '../../../src/node/whole_file.ts';
import { openChromium } from '../../helpers/chromium.ts';
import { identityModelFile } from '../../helpers/identity_model.ts';
import { serveCommand } from '../../helpers/served_command.ts';
import { writeTinyDataset } from '../../helpers/tiny_dataset.ts';
import { builtApp } from '../built_app.ts';
import { App, type AppOptions, type TestFile } from '../driver.ts';

export interface Session {
  readonly browser: Browser;
  readonly url: string;
  /** A Decathlon folder of small scans with a ball each, 1 x 1.5 x 2 mm, in changing orientations. */
  readonly data: string;
  readonly names: readonly string[];
  /** Segments the balls. */
  readonly model: TestFile;
  /** Where `model` lies, for the command line. */
  readonly modelPath: string;
  scan(name: string): Promise<TestFile>;
  label(name: string): Promise<TestFile>;
  open(options?: AppOptions): Promise<App>;
  close(): Promise<void>;
}

/** Values of a ball are about 100, the rest is noise around 0: the model finds what is above 50. */
export async function openSession(
  options: { subjects?: number; side?: number } = {},
): Promise<Session> {
  const { subjects = 3, side = 24 } = options;
  await builtApp();
  const data = await mkdtemp(join(tmpdir(), 'voxgrad-web-'));
  const names = await writeTinyDataset(data, { subjects, side });
  const model = {
    name: 'balls.safetensors',
    bytes: identityModelFile({ patchSize: [8, 16, 16] }, 50),
  };
  const modelPath = join(data, model.name);
  await writeWholeFile(modelPath, model.bytes);
  const [browser, server] = await Promise.all([
    openChromium({ drawing: 'both' }),
    serveCommand('web', []),
  ]);
  const file = async (folder: string, name: string): Promise<TestFile> => {
    const fileName = `${name}.nii.gz`;
    return { name: fileName, bytes: await readFile(join(data, folder, fileName)) };
  };
  return {
    browser,
    url: server.url,
    data,
    names,
    model,
    modelPath,
    scan: (name) => file('imagesTr', name),
    label: (name) => file('labelsTr', name),
    open: (appOptions) => App.open(browser, server.url, appOptions),
    async close() {
      await browser.close();
      await server.stop();
      await rm(data, { recursive: true, force: true });
    },
  };
}
