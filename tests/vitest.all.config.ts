import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { chromiumPath } from './helpers/chromium.ts';

const chromium = chromiumPath();
if (!chromium) {
  console.warn('no Chromium here: tests in a page are left out (Debian: apt-get install chromium)');
}

/** `npm test`: on Node, and where there is a Chromium the same kernels in its page. */
export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    projects: [
      './vitest.config.ts',
      ...(chromium ? [(await import('./vitest.browser.config.ts')).default] : []),
    ],
  },
});
