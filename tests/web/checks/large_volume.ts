/** A volume of 256 voxels a side: memory, the main thread, and how soon Cancel answers. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { preprocessingOf } from '../../../src/patch/preprocessing.ts';
import { decodeModel, encodeModel } from '../../../src/train/checkpoint.ts';
import type { App, TestFile } from '../driver.ts';
import { peakMemory } from '../process_memory.ts';
import { type Check, must } from './context.ts';

/** MiB: the renderer has the page, the worker and the file; the GPU process every buffer. */
const BUDGET = { renderer: 1536, gpu: 1024 };
/** Milliseconds that the main thread may be held while the network runs. */
const LONGEST_TASK = 50;
const demo = new URL('../../../web/app/public/models/hippocampus.safetensors', import.meta.url);

/** The demo's network with patches of 64 that do not overlap: each voxel is computed once. */
async function quickModel(): Promise<TestFile> {
  const model = decodeModel(await readFile(fileURLToPath(demo)));
  const patchConfig = { ...model.patchConfig, patchSize: [64, 64, 64] as const, patchOverlap: 0 };
  const preprocessing = preprocessingOf(patchConfig);
  return {
    name: 'quick.safetensors',
    bytes: encodeModel({ ...model, patchConfig, preprocessing }),
  };
}

/** Notes tasks of the main thread over 50 ms, with the stage that they fell into. */
function watchTasks(): void {
  const tasks: { duration: number; at: number }[] = [];
  Object.assign(globalThis, { longTasks: tasks });
  new PerformanceObserver((list) => {
    for (const { duration, startTime } of list.getEntries())
      tasks.push({ duration, at: startTime });
  }).observe({ type: 'longtask' });
}

/** From the first patch to the last one, as the page's clock has it. */
async function untilPredicted(app: App): Promise<{ from: number; to: number }> {
  return app.page.evaluate(
    () =>
      new Promise<{ from: number; to: number }>((resolve) => {
        const status = document.querySelector<HTMLElement>('[data-testid=status]')!;
        let from = 0;
        const look = () => {
          const isPredicting = /segmenting/.test(status.textContent ?? '');
          if (isPredicting && from === 0) from = performance.now();
          if (isPredicting || from === 0) return;
          observer.disconnect();
          resolve({ from, to: performance.now() });
        };
        const observer = new MutationObserver(look);
        observer.observe(status, {
          attributes: true,
          childList: true,
          characterData: true,
          subtree: true,
        });
      }),
  );
}

async function cancelLatency(app: App): Promise<number> {
  const bar = app.hook('progress');
  const { state } = await app.outcome(async () => {
    await app.hook('segment').click();
    await app.statusMatches(/segmenting/);
    await bar.evaluate((element) => {
      const status = document.querySelector<HTMLElement>('[data-testid=status]')!;
      const cancel = document.querySelector<HTMLElement>('[data-testid=cancel]')!;
      const seen = { clicked: 0 };
      cancel.addEventListener(
        'click',
        () => {
          seen.clicked = performance.now();
        },
        { capture: true },
      );
      new MutationObserver(() => {
        if (seen.clicked === 0 || status.dataset.state !== 'idle') return;
        (element as HTMLElement).dataset.latency ??= String(performance.now() - seen.clicked);
      }).observe(status, { attributes: true, childList: true, characterData: true, subtree: true });
    });
    await app.hook('cancel').click();
  });
  must(state === 'idle', `Cancel left the status ${state}`);
  return Number(await bar.getAttribute('data-latency'));
}

export const largeVolume: Check = {
  name: 'a volume of 256 voxels a side stays within its memory, and the page answers',
  needsData: true,
  async run({ data, browser, open, say }) {
    const scan = join(data!, 'brainchop_models', 't1_crop.nii.gz');
    const app = await open({ initScript: watchTasks });
    await app.adapter();
    await app.choose('model-input', await quickModel());
    await app.page.getByText('quick.safetensors').first().waitFor();
    await app.choose('scan-input', { name: 't1_crop.nii.gz', bytes: await readFile(scan) });
    await app.page.locator('.viewer[data-viewer=shown]').waitFor();
    const latency = await cancelLatency(app);
    say(`Cancel answers after ${latency.toFixed(0)} ms`);
    must(latency < 1000, `Cancel took ${latency} ms`);
    const predicting = untilPredicted(app);
    const started = performance.now();
    await app.segment();
    const seconds = (performance.now() - started) / 1000;
    const { from, to } = await predicting;
    const tasks = await app.page.evaluate(
      () => (globalThis as unknown as { longTasks: { duration: number; at: number }[] }).longTasks,
    );
    const held = tasks.filter(({ at }) => at >= from && at <= to).map(({ duration }) => duration);
    const longest = Math.max(0, ...held);
    say(
      `segmented in ${seconds.toFixed(0)} s, ${((to - from) / 1000).toFixed(0)} s of it in patches`,
    );
    say(
      `${held.length} tasks of the main thread over ${LONGEST_TASK} ms meanwhile, the longest ${longest.toFixed(0)} ms`,
    );
    const peak = await peakMemory(browser);
    say(`peak memory: renderer ${peak.renderer} MiB, GPU process ${peak.gpu} MiB`);
    must(longest <= LONGEST_TASK, `the main thread was held for ${longest} ms`);
    for (const kind of ['renderer', 'gpu'] as const) {
      must(peak[kind] <= BUDGET[kind], `${kind}: ${peak[kind]} of ${BUDGET[kind]} MiB`);
    }
  },
};
