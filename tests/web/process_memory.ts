/** What Chromium's processes have held at most, as Linux counts it. */
import { readFile } from 'node:fs/promises';
import type { Browser } from 'playwright-core';

export interface PeakMemory {
  /** MiB of the largest renderer: page, workers and their files. */
  readonly renderer: number;
  /** MiB of the GPU process; with a software adapter all buffers are there. */
  readonly gpu: number;
}

async function peakOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Math.round(Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024);
}

/** Zeros where there is no /proc. */
export async function peakMemory(browser: Browser): Promise<PeakMemory> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const of = async (type: string): Promise<number> => {
    const pids = processInfo.filter((process) => process.type === type).map(({ id }) => id);
    return Math.max(0, ...(await Promise.all(pids.map(peakOf))));
  };
  return { renderer: await of('renderer'), gpu: await of('GPU') };
}
