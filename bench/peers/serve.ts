/** The engine's side of the protocol. */
import { createInterface } from 'node:readline';
import type { Answers, Description, NumberedRequest, Reply } from './protocol.ts';
import { readTensors, type Tensors, writeTensors } from './tensor_file.ts';
import { inputsFile, weightsFile } from './workload.ts';

/** A library that runs the network. Methods come in order and never overlap. */
export interface Engine {
  readonly description: Description;
  /** Takes the weights and inputs to where they are computed on; replaces earlier ones. */
  load(weights: Tensors, inputs: Tensors): Promise<void>;
  /** Returns after the work is done; the `logits` if `save`. */
  forward(save: boolean): Promise<Tensors | undefined>;
  /**
   * Forward pass, Dice-CE, backward pass, Adam. Returns after the work is done; if `save`, the
   * `loss` and the gradients under the names of their parameters.
   */
  step(save: boolean): Promise<Tensors | undefined>;
  /** Of voxgrad only: the weights that all engines load. */
  weights?(): Promise<Tensors>;
}

/** @param open starts the library; CPU engines use so many threads */
export type OpenEngine = (threads: number) => Promise<Engine>;

async function answer(engine: Engine, request: NumberedRequest): Promise<Answers[keyof Answers]> {
  if (request.do === 'hello') return engine.description;
  if (request.do === 'prepare') {
    const weights = await engine.weights?.();
    if (!weights) throw new Error('this engine has no weights of its own');
    await writeTensors(weightsFile(request.folder), weights);
    return {};
  }
  if (request.do === 'load') {
    const { folder, size } = request;
    await engine.load(
      await readTensors(weightsFile(folder)),
      await readTensors(inputsFile(folder, size)),
    );
    return {};
  }
  const started = performance.now();
  const results = await engine[request.work](request.save !== undefined);
  const ms = performance.now() - started;
  if (request.save !== undefined && results) await writeTensors(request.save, results);
  return { ms };
}

/** Answers requests until the input ends. What libraries print goes to standard error. */
export async function serve(open: OpenEngine): Promise<void> {
  const print = console.error.bind(console);
  Object.assign(console, { log: print, info: print, debug: print });
  const reply = (line: Reply): boolean => process.stdout.write(`${JSON.stringify(line)}\n`);
  let engine: Engine | undefined;
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line) as NumberedRequest;
    const { id } = request;
    try {
      if (request.do === 'hello') engine ??= await open(request.threads);
      if (!engine) throw new Error('hello has to come first');
      reply({ id, ok: await answer(engine, request) });
    } catch (error) {
      reply({ id, error: error instanceof Error ? error.message : String(error) });
    }
  }
  // Threads and devices of libraries would keep the process.
  process.exit();
}
