/** What a check of the whole application gets, and what it is. */
import type { Browser } from 'playwright-core';
import type { App, AppOptions } from '../driver.ts';

export interface CheckContext {
  readonly browser: Browser;
  readonly url: string;
  /** Folder of real scans; checks that need it are left out without. */
  readonly data: string | undefined;
  /** Rewrites the pictures of the documentation. */
  readonly screenshot: boolean;
  /** A page that counts for the network log, and is closed after the check. */
  open(options?: AppOptions): Promise<App>;
  /** A figure for the reader of the log. */
  say(line: string): void;
}

export interface Check {
  readonly name: string;
  readonly needsData: boolean;
  /** @throws Error that says what is wrong */
  run(context: CheckContext): Promise<void>;
}

/** @throws Error with the message where it does not hold */
export function must(holds: boolean, message: string): void {
  if (!holds) throw new Error(message);
}
