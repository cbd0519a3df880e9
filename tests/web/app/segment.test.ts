import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { readNifti } from '../../../src/io/nifti.ts';
import { writeWholeFile } from '../../../src/node/whole_file.ts';
import { inTemporaryFolder, runCli } from '../../helpers/cli.ts';
import type { App } from '../driver.ts';
import { openSession, type Session } from './session.ts';

let session: Session;
let app: App;

beforeAll(async () => {
  session = await openSession();
});
afterAll(() => session?.close());
afterEach(() => app?.close());

/** A page with the model of the balls. */
async function openApp(): Promise<App> {
  app = await session.open();
  await app.adapter();
  await app.choose('model-input', session.model);
  await app.page.getByText(session.model.name).first().waitFor();
  return app;
}

describe('a scan that is dropped on the page', () => {
  test('gets the segmentation that the command line writes, on its own grid', async () => {
    const { names, modelPath, data } = session;
    const name = names[1]!;
    await openApp();
    await app.drop(await session.scan(name));
    await app.segment();
    const { name: fileName, bytes } = await app.download();
    expect(fileName).toBe(`${name}_pred.nii.gz`);
    await inTemporaryFolder(async (out) => {
      const scan = join(data, 'imagesTr', `${name}.nii.gz`);
      const { code } = await runCli(['predict', '--model', modelPath, '--out', out, scan]);
      expect(code).toBe(0);
      const there = readNifti(await readFile(join(out, fileName)));
      const here = readNifti(bytes);
      expect(here.shape).toEqual(there.shape);
      expect(here.affine).toEqual(there.affine);
      expect(here.data).toEqual(there.data);
      expect(here.data.some((value) => value === 1)).toBe(true);
    });
    expect(app.record.foreign(new URL(session.url).origin)).toEqual([]);
    expect(app.record.complaints).toEqual([]);
  });

  test('is measured against its label map with the numbers of the command line', async () => {
    const { names, data } = session;
    await openApp();
    for (const name of names) await app.drop(await session.scan(name));
    await app.choose('label-input', ...(await Promise.all(names.map(session.label))));
    await app.segment();
    const metrics = await app.metrics();
    expect(metrics).toMatchObject({ cases: names.map((name) => ({ name })) });
    await app.hook('zip').waitFor();
    const zip = unzipSync((await app.download('zip')).bytes);
    await inTemporaryFolder(async (out) => {
      for (const name of names) {
        const file = `${name}_pred.nii.gz`;
        const entry = Object.keys(zip).find((path) => path.endsWith(file));
        await writeWholeFile(join(out, file), zip[entry!]!);
      }
      const labels = join(data, 'labelsTr');
      const args = ['evaluate', '--predictions', out, '--labels', labels, '--json'];
      const { stdout } = await runCli(args);
      expect(metrics).toEqual(JSON.parse(stdout));
    });
    const csv = new TextDecoder().decode((await app.download('csv')).bytes);
    const [header, ...rows] = csv.trim().split('\n');
    expect(header).toMatch(/^name,label,class,voxels,ml,dsc,hd95/);
    expect(rows.map((row) => row.split(',')[0])).toEqual(names);
    expect(app.record.complaints).toEqual([]);
  });
});

describe('a file that is none', () => {
  test('is told at its scan, and the others are segmented', async () => {
    const [name] = session.names;
    await openApp();
    const broken = { name: 'broken.nii.gz', bytes: Uint8Array.of(0x3c, 0x68, 0x74, 0x6d, 0x6c) };
    await app.drop(broken, await session.scan(name!));
    const { state, text } = await app.outcome(() => app.hook('segment').click());
    expect(state).toBe('done');
    expect(text).toMatch(/^done, except broken: /);
    expect(text).not.toMatch(/undefined|Error:|at .*\.ts/);
    const states = await app
      .hook('scan-row')
      .evaluateAll((rows) =>
        rows.map((row) => [(row as HTMLElement).dataset.name, (row as HTMLElement).dataset.state]),
      );
    expect(Object.fromEntries(states)).toEqual({ broken: 'failed', [name!]: 'done' });
    expect((await app.download()).bytes.length).toBeGreaterThan(100);
  });

  test('is named when it is no scan, no label map and no model', async () => {
    await openApp();
    await app.drop({ name: 'letter.docx', bytes: new Uint8Array(9) });
    expect(await app.statusMatches(/letter\.docx/)).toMatch(/\.nii/);
    await app.choose('model-input', { name: 'no.safetensors', bytes: new Uint8Array(9) });
    await app.page.locator('[data-testid=status][data-state=error]').waitFor();
    expect(await app.statusMatches(/no\.safetensors/)).not.toMatch(/undefined/);
  });
});
