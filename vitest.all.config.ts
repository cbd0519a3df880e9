import { defineConfig } from 'vitest/config';
import { chromiumPath } from './tests/helpers/chromium.ts';

const chromium = chromiumPath();
if (!chromium) {
  console.warn('no Chromium here: tests in a page are left out (Debian: apt-get install chromium)');
}

/** `npm test`: on Node, and where there is a Chromium the same kernels in its page. */
export default defineConfig({
  test: {
    projects: ['./vitest.config.ts', ...(chromium ? ['./vitest.browser.config.ts'] : [])],
  },
});
