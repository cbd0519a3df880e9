/** A headless Chromium for tests: where it is, its flags, and a record of what a page did in it. */
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

const QUIET = [
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * What the browser computes and draws with, on machines without a GPU: nothing but WebGL 2
 * (`webgl`: WebGPU has no adapter), WebGPU compute alone (`compute`: the first canvas of WebGPU would
 * lose the device), or both (`both`).
 */
export type Drawing = 'webgl' | 'compute' | 'both';

const SOFTWARE: Readonly<Record<Drawing, readonly string[]>> = {
  webgl: ['--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
  compute: ['--enable-unsafe-webgpu'],
  both: [
    '--enable-unsafe-webgpu',
    '--enable-features=Vulkan',
    '--use-vulkan=swiftshader',
    '--use-angle=swiftshader',
  ],
};

/** The Chromium of this machine; `CHROMIUM_PATH` comes first. */
export function chromiumPath(): string | undefined {
  return [process.env.CHROMIUM_PATH ?? '', ...PLACES].find(existsSync);
}

/** Without a sandbox for root alone, who has none. */
export function chromiumFlags(drawing: Drawing): string[] {
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return [...QUIET, ...SOFTWARE[drawing], ...asRoot];
}

export interface ChromiumOptions {
  readonly drawing: Drawing;
  readonly moreFlags?: readonly string[];
}

/** @throws Error where no browser is found: a check of the page does not pass without one */
export async function openChromium({ drawing, moreFlags = [] }: ChromiumOptions): Promise<Browser> {
  const executablePath = chromiumPath();
  if (!executablePath) {
    throw new Error(
      'openChromium: no Chromium. Install it (Debian: apt-get install chromium), or set CHROMIUM_PATH.',
    );
  }
  return chromium.launch({ executablePath, args: [...chromiumFlags(drawing), ...moreFlags] });
}

/** What went on in a context: every request, and whatever a careful developer would see in the console. */
export interface PageRecord {
  /** Addresses in their order, those of workers too; data: and blob: stay in the page and are left out. */
  readonly requests: string[];
  /** Exceptions, errors of the console, and what the Content-Security-Policy blocked. */
  readonly complaints: string[];
  /** Requests that left `origin`. */
  foreign(origin: string): string[];
}

/** Records all pages of `context` that are opened from now on. */
export function recordContext(context: BrowserContext): PageRecord {
  const requests: string[] = [];
  const complaints: string[] = [];
  context.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url())) requests.push(request.url());
  });
  const watch = (page: Page) => {
    page.on('pageerror', ({ message }) => complaints.push(message));
    page.on('crash', () => complaints.push('the page crashed'));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
  };
  context.on('page', watch);
  return {
    requests,
    complaints,
    foreign: (origin) => requests.filter((url) => new URL(url).origin !== origin),
  };
}
