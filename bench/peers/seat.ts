/** An engine's place at the table: starts its process, and starts it again after a failure. */
import type { Triple } from '../../src/shape.ts';
import { EngineProcess } from './engine_process.ts';
import type { EngineSpec } from './engines.ts';
import type { Description } from './protocol.ts';
import type { Work } from './workload.ts';

/** What loading a library may take. */
const START_SECONDS = 120;

export interface SeatOptions {
  /** Where weights, inputs and results lie. */
  readonly folder: string;
  readonly threads: number;
  /** What a run may take; compiling is part of the first. */
  readonly timeoutSeconds: number;
}

export class Seat {
  readonly spec: EngineSpec;
  private readonly options: SeatOptions;
  private engine: EngineProcess | undefined;

  constructor(spec: EngineSpec, options: SeatOptions) {
    this.spec = spec;
    this.options = options;
  }

  /** Starts the process, unless it runs. Throws EngineError. */
  async start(): Promise<Description> {
    if (!this.engine || this.engine.hasEnded) this.engine = new EngineProcess(this.spec);
    return this.engine.ask({ do: 'hello', threads: this.options.threads }, START_SECONDS);
  }

  async prepare(): Promise<void> {
    const { folder, timeoutSeconds } = this.options;
    await this.engine!.ask({ do: 'prepare', folder }, timeoutSeconds);
  }

  /** Weights as they were at first, and inputs of `size`. Throws EngineError. */
  async load(size: Triple): Promise<void> {
    const { folder, timeoutSeconds } = this.options;
    await this.start();
    await this.engine!.ask({ do: 'load', folder, size }, timeoutSeconds);
  }

  /** Milliseconds of one run. Throws EngineError. */
  async run(work: Work, save?: string): Promise<number> {
    const request = { do: 'run', work, ...(save === undefined ? {} : { save }) } as const;
    return (await this.engine!.ask(request, this.options.timeoutSeconds)).ms;
  }

  /** Ends the process. The next `load` starts another. */
  async stop(): Promise<void> {
    await this.engine?.stop();
    this.engine = undefined;
  }
}
