/** An engine in a process of its own, which may crash or hang without harm to the others. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { EngineSpec } from './engines.ts';
import { type Answers, parseReply, type Reply, type Request } from './protocol.ts';

/** Why an engine has no answer. The message is the engine's own, or says how the process ended. */
export class EngineError extends Error {
  override name = 'EngineError';
}

interface Pending {
  readonly id: number;
  readonly settle: (reply: Reply | EngineError) => void;
}

const LAST_WORDS = 2000;

export class EngineProcess {
  private readonly child: ChildProcess;
  private pending: Pending | undefined;
  private ended: EngineError | undefined;
  private readonly exit: Promise<void>;
  private lastWords = '';
  private count = 0;

  /** Starts the program; whether it works shows at the first request. */
  constructor({ command: [program, ...parameters] }: EngineSpec) {
    this.child = spawn(program, parameters, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.exit = new Promise((resolve) => {
      this.child.once('error', (error) => {
        this.end(`does not start: ${error.message}`);
        resolve();
      });
      this.child.once('close', (code, signal) => {
        this.end(`ended with ${signal ?? `exit code ${code}`}${this.complaint()}`);
        resolve();
      });
    });
    // Writing to a process that has ended: its end is reported already.
    this.child.stdin?.on('error', () => {});
    this.child.stderr?.on('data', (chunk: Buffer) => {
      this.lastWords = (this.lastWords + chunk.toString()).slice(-LAST_WORDS);
    });
    createInterface({ input: this.child.stdout! }).on('line', (line) => {
      const reply = parseReply(line);
      if (reply && reply.id === this.pending?.id) this.pending.settle(reply);
    });
  }

  /** The last line that was printed and is no mere warning. */
  private complaint(): string {
    const lines = this.lastWords.trim().split('\n');
    const line = lines.findLast((text) => !/^warning/i.test(text));
    return line ? `: ${line}` : '';
  }

  private end(message: string): void {
    this.ended ??= new EngineError(message);
    this.pending?.settle(this.ended);
  }

  get hasEnded(): boolean {
    return this.ended !== undefined;
  }

  /**
   * One request at a time.
   *
   * @throws EngineError if the engine says so, has ended, or takes longer than `seconds`: then it
   *   is ended
   */
  async ask<K extends Request['do']>(
    request: Request & { readonly do: K },
    seconds: number,
  ): Promise<Answers[K]> {
    if (this.ended) throw this.ended;
    const id = ++this.count;
    const reply = await new Promise<Reply | EngineError>((resolve) => {
      const timer = setTimeout(() => {
        this.end(`timeout after ${seconds} s`);
        this.kill();
      }, 1000 * seconds);
      const settle = (result: Reply | EngineError): void => {
        clearTimeout(timer);
        this.pending = undefined;
        resolve(result);
      };
      this.pending = { id, settle };
      this.child.stdin!.write(`${JSON.stringify({ ...request, id })}\n`);
    });
    if (reply instanceof EngineError) throw reply;
    if ('error' in reply) throw new EngineError(reply.error);
    return reply.ok as Answers[K];
  }

  /** At once, as a hanging GPU driver does not hear anything else. */
  private kill(): void {
    this.child.kill('SIGKILL');
  }

  /** Ends the process and waits until it is gone. */
  async stop(): Promise<void> {
    this.end('was stopped');
    this.kill();
    await this.exit;
  }
}
