/** A headless Chromium that can draw volumes without a GPU. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

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
const SOFTWARE_WEBGL = ['--use-angle=swiftshader', '--enable-unsafe-swiftshader'];

/** @throws Error where no browser is found: the check does not pass without one */
export async function openBrowser(): Promise<Browser> {
  const executablePath = [process.env.CHROMIUM_PATH ?? '', ...PLACES].find(existsSync);
  if (!executablePath) {
    throw new Error(
      'ui-check: no Chromium. Install it (Debian: apt-get install chromium), or set CHROMIUM_PATH.',
    );
  }
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath, args: [...QUIET, ...SOFTWARE_WEBGL, ...asRoot] });
}
