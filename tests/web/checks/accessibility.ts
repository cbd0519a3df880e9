/** axe-core on every state of both pages, light and dark, wide and as narrow as a phone. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { App } from '../driver.ts';
import { type Check, type CheckContext, must } from './context.ts';
import { smallCase } from './small_case.ts';

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

const LOOKS = [
  { viewport: { width: 1280, height: 900 }, colorScheme: 'light' },
  { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' },
  { viewport: { width: 390, height: 800 }, colorScheme: 'light' },
  { viewport: { width: 390, height: 800 }, colorScheme: 'dark' },
] as const;

/** Sentences, one for each rule that is broken. */
async function offences(app: App, state: string): Promise<string[]> {
  // By the debugger: the page's policy lets in no script of others.
  await app.page.evaluate(await readFile(axePath, 'utf8'));
  const { violations } = await app.page.evaluate(() =>
    (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
  );
  return violations.map(({ id, help, nodes }) => {
    const [first] = nodes;
    return `${state}: ${id} (${help}), ${nodes.length} times, first ${first?.html.slice(0, 160)}`;
  });
}

async function allStates(context: CheckContext, look: (typeof LOOKS)[number]): Promise<string[]> {
  const found: string[] = [];
  const title = `${look.viewport.width} px, ${look.colorScheme}`;
  const app = await context.open(look);
  const note = async (state: string) => found.push(...(await offences(app, `${title}, ${state}`)));
  const fits = async (state: string) => {
    const [needed = 0, there = 0] = await app.page.evaluate(() => [
      document.documentElement.scrollWidth,
      innerWidth,
    ]);
    if (needed > there) found.push(`${title}, ${state}: ${needed} px wide`);
  };
  await app.adapter();
  await note('empty');
  const { scan, label, model } = await smallCase();
  await app.choose('model-input', model);
  await app.page.getByText(model.name).first().waitFor();
  await app.choose('scan-input', scan, { name: 'broken.nii.gz', bytes: new Uint8Array(9) });
  await app.choose('label-input', label);
  for (const details of await app.page.locator('details').all()) {
    await details.evaluate((element) => {
      (element as HTMLDetailsElement).open = true;
    });
  }
  await note('with files, all opened');
  await app.outcome(() => app.hook('segment').click());
  await note('segmented, one file broken');
  await fits('segmented');
  await app.close();
  const lab = await context.open({ ...look, file: 'lab.html' });
  await lab.adapter();
  found.push(...(await offences(lab, `${title}, kernel lab`)));
  await lab.close();
  return found;
}

export const accessibility: readonly Check[] = LOOKS.map((look) => ({
  name: `axe-core finds nothing: ${look.viewport.width} px wide, ${look.colorScheme}`,
  needsData: false,
  async run(context) {
    const found = await allStates(context, look);
    must(found.length === 0, found.join('\n  '));
  },
}));
