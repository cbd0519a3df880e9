/** Server-sent events: the list of runs, each time that it has changed. */
import type { ServerResponse } from 'node:http';
import type { RunSummary } from '../../train/run_listing.ts';

/** Files are looked at this often while somebody listens; watching fails on network drives. */
const POLL_MS = 1_000;
/** A comment that keeps the connection open. */
const PING_MS = 15_000;

export class EventStream {
  private readonly list: () => Promise<RunSummary[]>;
  private readonly listeners = new Set<ServerResponse>();
  private timer: NodeJS.Timeout | undefined;
  private latest = '';
  private sentAt = 0;

  constructor(list: () => Promise<RunSummary[]>) {
    this.list = list;
  }

  /** Keeps the response open and tells it the runs, now and whenever they change. */
  add(response: ServerResponse): void {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.write('retry: 2000\n\n');
    if (this.latest !== '') response.write(this.latest);
    this.listeners.add(response);
    response.on('close', () => this.listeners.delete(response));
    if (this.timer === undefined) this.schedule(0);
  }

  /** Ends all connections. */
  close(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (const response of this.listeners) response.end();
    this.listeners.clear();
  }

  private schedule(delay: number): void {
    this.timer = setTimeout(() => {
      void this.tick().finally(() => {
        if (this.listeners.size > 0) this.schedule(POLL_MS);
        else this.close();
      });
    }, delay);
  }

  private async tick(): Promise<void> {
    let message: string;
    try {
      message = `event: runs\ndata: ${JSON.stringify(await this.list())}\n\n`;
    } catch (error) {
      message = `event: failure\ndata: ${JSON.stringify((error as Error).message)}\n\n`;
    }
    if (message !== this.latest) this.send(message);
    else if (Date.now() - this.sentAt > PING_MS) this.send(':\n\n');
    this.latest = message;
  }

  private send(text: string): void {
    this.sentAt = Date.now();
    for (const response of this.listeners) response.write(text);
  }
}
