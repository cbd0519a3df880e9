import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { openChromium } from '../../helpers/chromium.ts';
import { builtApp } from '../built_app.ts';
import { App } from '../driver.ts';
import { type StaticServer, serveFolder } from '../static_server.ts';
import { openSession, type Session } from './session.ts';

let session: Session;
let host: StaticServer;
let app: App;

beforeAll(async () => {
  session = await openSession({ subjects: 1 });
  host = await serveFolder(await builtApp());
});
afterAll(async () => {
  await session?.close();
  await host?.stop();
});
afterEach(() => app?.close());

test('any host serves it from any folder, and it segments without a network afterwards', async () => {
  app = await App.open(session.browser, host.url);
  const segmented = async (): Promise<Uint8Array> => {
    await app.adapter();
    await app.choose('model-input', session.model);
    await app.page.getByText(session.model.name).first().waitFor();
    await app.choose('scan-input', await session.scan(session.names[0]!));
    await app.segment();
    return (await app.download()).bytes;
  };
  const first = await segmented();
  await app.page.getByText('opens without a network').waitFor({ state: 'attached' });
  await host.stop();
  await app.page.reload();
  expect(await segmented()).toEqual(first);
  expect(app.record.foreign(new URL(host.url).origin)).toEqual([]);
});

test('a browser without WebGPU gets a sentence that helps', async () => {
  const browser = await openChromium({ drawing: 'webgl' });
  try {
    app = await App.open(browser, session.url);
    const notice = app.page.getByRole('alert');
    await notice.waitFor();
    expect(await notice.textContent()).toMatch(/Chrome.*graphics|Vulkan/);
    expect(await app.statusMatches(/WebGPU|graphics/)).not.toMatch(/undefined|TypeError/);
    expect(await app.hook('status').getAttribute('data-state')).toBe('error');
    expect(await app.hook('segment').isDisabled()).toBe(true);
    expect(app.record.complaints).toEqual([]);
  } finally {
    await browser.close();
  }
});
