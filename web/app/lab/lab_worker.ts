/** The worker of the kernel lab: owns the GPU, so that the page answers while a kernel runs. */
import { CHECKS_OF } from '../../../bench/checks/all.ts';
import type { CheckResult } from '../../../bench/checks/run.ts';
import { experimentsOf } from '../../../bench/lab/experiments.ts';
import { LabSession } from '../../../bench/lab/session.ts';
import { openGpu } from '../../../src/index.ts';
import { bundledGolden, runGolden } from './golden_cases.ts';
import type { Counts, Entry, Note, Reply, Request, TaskName, Tasks } from './lab_protocol.ts';

interface Port {
  onmessage: ((event: MessageEvent<Request>) => void) | null;
  postMessage(reply: Reply): void;
}

const port = globalThis as unknown as Port;
const session = new LabSession(() => openGpu());

function catalogue(): Entry[] {
  return Object.keys(CHECKS_OF).flatMap((op) =>
    experimentsOf(op).map(({ pass, title, group }) => ({ op, pass, title, group })),
  );
}

/** `PASS conv3d_forward 4.0e-7 1.0e-5`, as the golden runner prints its cases. */
function checkLine({ op, ok, worst, tolerance, error }: CheckResult): string {
  const numbers = `${worst?.toExponential(2) ?? 'NaN'} ${tolerance.toExponential(2)}`;
  const name = op.replaceAll(' ', '_');
  return `${ok ? 'PASS' : 'FAIL'} ${name} ${numbers}${error === undefined ? '' : ` ${error}`}`;
}

async function check(note: (note: Note) => void): Promise<Counts> {
  const results = await session.check((result, done, total) => {
    note({ line: checkLine(result), stage: `${done} of ${total} passes of ops` });
  });
  const golden = await runGolden(await bundledGolden(), note);
  const passed = results.filter(({ ok }) => ok).length + golden.passed;
  return { passed, failed: results.length - (passed - golden.passed) + golden.failed };
}

const WORK: {
  readonly [T in TaskName]: (
    asks: Tasks[T]['asks'],
    note: (note: Note) => void,
  ) => Promise<Tasks[T]['answers']>;
} = {
  catalogue: async () => catalogue(),
  adapter: async () => {
    const { name, software, features } = await session.adapter();
    return { name, software, half: features.includes('shader-f16') };
  },
  describe: (choice) => session.describe(choice),
  run: ({ choice, edits }, note) =>
    session.run(choice, edits, { onStage: (stage) => note({ stage }) }),
  check: (_, note) => check(note),
  golden: runGolden,
};

async function answer<T extends TaskName>({ id, task, asks }: Request<T>): Promise<void> {
  try {
    const answers = await WORK[task](asks, (note) => port.postMessage({ id, note }));
    port.postMessage({ id, answers });
  } catch (error) {
    port.postMessage({ id, error: error instanceof Error ? error.message : String(error) });
  }
}

/** One after the other: tasks share the GPU, and times are measured alone. */
let last: Promise<void> = Promise.resolve();
port.onmessage = ({ data }) => {
  last = last.then(() => answer(data));
};
