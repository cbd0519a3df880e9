import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { App } from '../driver.ts';
import { openSession, type Session } from './session.ts';

let session: Session;
let app: App;

beforeAll(async () => {
  // Some hundred patches, so that there is something to interrupt.
  session = await openSession({ subjects: 1, side: 56 });
});
afterAll(() => session?.close());
afterEach(() => app?.close());

async function openWithScan(): Promise<void> {
  app = await session.open();
  await app.adapter();
  await app.choose('model-input', session.model);
  await app.page.getByText(session.model.name).first().waitFor();
  await app.choose('scan-input', await session.scan(session.names[0]!));
}

/** Presses Segment and waits until some patches are done. */
async function underWay(): Promise<void> {
  await app.hook('segment').click();
  await app.page.waitForFunction(() => {
    const bar = document.querySelector('[data-testid=progress]');
    return Number(bar?.getAttribute('aria-valuenow')) > 0.2;
  });
}

test('Cancel answers, and the page segments again afterwards', async () => {
  await openWithScan();
  const { state, text } = await app.outcome(async () => {
    await underWay();
    await app.hook('cancel').click();
  });
  expect({ state, text }).toEqual({ state: 'idle', text: 'cancelled' });
  expect(await app.hook('download').getAttribute('href')).toBe(null);
  await app.segment();
  expect((await app.download()).bytes.length).toBeGreaterThan(100);
});

test('the loss of the graphics processor costs time, not the segmentation', async () => {
  await openWithScan();
  await app.segment();
  const undisturbed = await app.download();
  await app.close();
  await openWithScan();
  const { text } = await app.outcome(async () => {
    const lost = app.page.evaluate(async () => {
      const adapter = await navigator.gpu.requestAdapter();
      const device = await adapter!.requestDevice();
      return (await device.lost).reason;
    });
    await underWay();
    const chromium = await session.browser.newBrowserCDPSession();
    await chromium.send('Browser.crashGpuProcess');
    // Whatever the page holds on the graphics processor is gone, the worker's device too.
    expect(await lost).toBe('unknown');
  });
  expect(text).toBe('done');
  expect((await app.download()).bytes).toEqual(undisturbed.bytes);
});
