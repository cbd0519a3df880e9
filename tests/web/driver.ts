/** The application as a person uses it: in a browser of its own, by its stable hooks. */
import { readFile } from 'node:fs/promises';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { type PageRecord, recordContext } from '../helpers/chromium.ts';

/** A file for an input, or to be dropped. */
export interface TestFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** How the page's `status` ended. */
export interface Outcome {
  readonly state: string;
  readonly text: string;
}

/** What a page says in its `status` when it has failed. */
export class PageError extends Error {}

type Input = 'scan-input' | 'label-input' | 'model-input';

export interface AppOptions extends BrowserContextOptions {
  /** `index.html` unless told. */
  readonly file?: string;
  /** Milliseconds that anything may take; software adapters on shared machines are slow. */
  readonly timeout?: number;
  /** Before the page's own scripts. */
  readonly initScript?: () => void;
}

/** One page of the application in a context of its own. */
export class App {
  readonly page: Page;
  readonly record: PageRecord;

  private constructor(page: Page, record: PageRecord) {
    this.page = page;
    this.record = record;
  }

  /** @param url of the server, with a slash at its end */
  static async open(browser: Browser, url: string, options: AppOptions = {}): Promise<App> {
    const { file = '', timeout = 120_000, initScript, ...rest } = options;
    const context = await browser.newContext({
      viewport: { width: 1280, height: 900 },
      ...rest,
    });
    const record = recordContext(context);
    context.setDefaultTimeout(timeout);
    // tsx names functions by a helper of its own, which is not in the page.
    await context.addInitScript('globalThis.__name = (value) => value');
    if (initScript) await context.addInitScript(initScript);
    const page = await context.newPage();
    await page.goto(`${url}${file}`);
    return new App(page, record);
  }

  /** Element with this `data-testid`. */
  hook(name: string): Locator {
    return this.page.getByTestId(name);
  }

  async text(name: string): Promise<string> {
    return ((await this.hook(name).textContent()) ?? '').trim();
  }

  /** Chooses files in an input, as by its dialogue. */
  async choose(input: Input, ...files: readonly TestFile[]): Promise<void> {
    await this.hook(input).setInputFiles(
      files.map(({ name, bytes }) => ({
        name,
        mimeType: 'application/octet-stream',
        buffer: Buffer.from(bytes),
      })),
    );
  }

  /** Drops files on the page. */
  async drop(...files: readonly TestFile[]): Promise<void> {
    const plain = files.map(({ name, bytes }) => ({
      name,
      base64: Buffer.from(bytes).toString('base64'),
    }));
    await this.page.evaluate((dropped) => {
      const dataTransfer = new DataTransfer();
      for (const { name, base64 } of dropped) {
        const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
        dataTransfer.items.add(new File([bytes], name));
      }
      const target = document.querySelector('main') ?? document.body;
      for (const type of ['dragenter', 'dragover', 'drop']) {
        const init = { dataTransfer, bubbles: true, cancelable: true, composed: true };
        target.dispatchEvent(new DragEvent(type, init));
      }
    }, plain);
  }

  /** Waits until the page knows its adapter; gives the name. */
  async adapter(): Promise<string> {
    await this.page.waitForFunction(() => {
      const text = document.querySelector('[data-testid=adapter]')?.textContent?.trim() ?? '';
      return text !== '' && !text.endsWith('…');
    });
    return this.text('adapter');
  }

  /** Waits for a text in `status`. */
  async statusMatches(pattern: RegExp): Promise<string> {
    await this.hook('status').filter({ hasText: pattern }).waitFor();
    return this.text('status');
  }

  /** Does something, and waits until the page has become busy over it and is no longer. */
  async outcome(action: () => Promise<void>): Promise<Outcome> {
    const settled = this.page.evaluate(
      () =>
        new Promise<Outcome>((resolve) => {
          const status = document.querySelector<HTMLElement>('[data-testid=status]')!;
          let wasBusy = false;
          const observer = new MutationObserver(() => {
            const { state = '' } = status.dataset;
            if (state === 'busy') wasBusy = true;
            else if (wasBusy || state === 'error') {
              observer.disconnect();
              resolve({ state, text: status.textContent?.trim() ?? '' });
            }
          });
          observer.observe(status, {
            attributes: true,
            childList: true,
            characterData: true,
            subtree: true,
          });
        }),
    );
    // Of the action, if the page fails with it.
    settled.catch(() => undefined);
    await action();
    return settled;
  }

  /** Waits for the end of what is under way. @throws PageError with the page's words if it fails */
  async finished(): Promise<void> {
    const ended = await this.page.waitForFunction(() => {
      const status = document.querySelector<HTMLElement>('[data-testid=status]');
      const text = status?.textContent?.trim() ?? '';
      return text === 'done' || status?.dataset.state === 'error' ? { text } : undefined;
    });
    const { text } = (await ended.jsonValue())!;
    if (text !== 'done') throw new PageError(text);
  }

  /** @throws PageError with the page's words if it ends otherwise than with `done` */
  async segment(): Promise<void> {
    const { text } = await this.outcome(() => this.hook('segment').click());
    if (text !== 'done') throw new PageError(text);
  }

  /** Follows a link that downloads; gives the file as the browser saved it. */
  async download(name = 'download'): Promise<TestFile> {
    const [event] = await Promise.all([
      this.page.waitForEvent('download'),
      this.hook(name).click(),
    ]);
    const bytes = new Uint8Array(await readFile(await event.path()));
    return { name: event.suggestedFilename(), bytes };
  }

  /** What `metrics` holds, parsed. */
  async metrics(): Promise<unknown> {
    return JSON.parse(await this.text('metrics'));
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}
