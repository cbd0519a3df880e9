/**
 * `npm run mlflow-check`: trains against a real MLflow server that is killed in the middle and for good, and compares
 * what it shows with the run folders. `PASS|FAIL title` per check, then the totals; exit code 1 if any failed.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { writeDemoDataset } from '../../src/node/demo/demo_dataset.ts';
import { type Check, checksOf } from './checks.ts';
import { MlflowServer } from './server.ts';
import { mlflowPrograms } from './venv.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const VOXGRAD = ['--import', 'tsx', join(root, 'src/cli/main.ts')];
const EPOCHS = 6;
const SETTINGS =
  '--channels 4,8 --patch-size 16 --samples-per-volume 4 --batch-size 2 --valid-pct 0.3 --lr 0.01 --no-autotune';
const TRAINING_MS = 300_000;

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const run = promisify(execFile);

/** `voxgrad ...args` that can be followed while it runs. */
class Program {
  readonly child: ChildProcess;
  output = '';

  constructor(...args: readonly string[]) {
    this.child = spawn(process.execPath, [...VOXGRAD, ...args], { cwd: root });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (bytes: Buffer) => {
        this.output += bytes;
      });
    }
  }

  /** Waits for text in what it says. */
  async says(text: string): Promise<void> {
    const until = Date.now() + TRAINING_MS;
    while (!this.output.includes(text)) {
      if (this.child.exitCode !== null || Date.now() > until) {
        throw new Error(`'${text}' did not come:\n${this.output}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Its exit code; -1 if it was killed. */
  async end(): Promise<number> {
    const { child } = this;
    if (child.exitCode === null && child.signalCode === null) {
      await new Promise((resolve) => child.once('close', resolve));
    }
    return child.exitCode ?? -1;
  }
}

let [passed, failed] = [0, 0];

async function judge(checks: readonly Check[]): Promise<void> {
  for (const [title, check] of checks) {
    try {
      await check();
      passed++;
      say(`PASS ${title}`);
    } catch (error) {
      failed++;
      say(`FAIL ${title}\n${(error as Error).message}`);
    }
  }
}

const that = (title: string, holds: boolean, evidence: string): Check => [
  title,
  async () => {
    if (!holds) throw new Error(evidence);
  },
];

/** The server dies in the middle of a training, and comes back. */
async function interruptedServer(server: MlflowServer, data: string, out: string): Promise<void> {
  say('\n-- the server is killed in the middle of a training, and comes back');
  await server.start();
  const training = new Program(
    ...['train', '--data', data, '--out', out, '--epochs', String(EPOCHS), ...SETTINGS.split(' ')],
    ...['--mlflow', server.uri, '--mlflow-experiment', 'Middle', '--mlflow-run-name', 'first'],
  );
  await training.says('epoch 2 |');
  await server.kill();
  await training.says('Training goes on');
  await training.says('epoch 3 |');
  // So that it does not end before the server has started, however slow the machine is.
  training.child.kill('SIGSTOP');
  await server.start();
  training.child.kill('SIGCONT');
  const code = await training.end();
  await judge([
    that('training ends well', code === 0, training.output),
    that('the server caught up', training.output.includes('model version 1'), training.output),
    ...checksOf(server, out, { experiment: 'Middle', runName: 'first', epochs: EPOCHS }),
  ]);
}

/** Training dies and is resumed, the server dies for good, and the run is sent later. */
async function lostServer(server: MlflowServer, data: string, out: string): Promise<void> {
  say('\n-- training is killed and resumed, the server is killed for good, the rest is sent later');
  const training = new Program(
    ...['train', '--data', data, '--out', out, '--epochs', String(EPOCHS), ...SETTINGS.split(' ')],
    ...['--mlflow', server.uri, '--mlflow-experiment', 'Later', '--mlflow-run-name', 'second'],
  );
  await training.says('epoch 3 |');
  training.child.kill('SIGKILL');
  await training.end();
  const resumed = new Program('train', '--data', data, '--out', out, '--resume');
  await resumed.says('epoch 5 |');
  await server.kill();
  const code = await resumed.end();
  const command = /voxgrad (mlflow \S+ --mlflow \S+)/.exec(resumed.output)?.[1];
  await judge([
    that('training ends well without a server', code === 0, resumed.output),
    that('it says how to send the rest', command !== undefined, resumed.output),
  ]);
  await server.start();
  const sent = new Program(...(command ?? '').split(' '));
  const again = (await sent.end()) === 0 ? new Program(...(command ?? '').split(' ')) : sent;
  await again.end();
  await judge([
    that('the command sends it, and does no harm twice', again.child.exitCode === 0, again.output),
    ...checksOf(server, out, { experiment: 'Later', runName: 'second', epochs: EPOCHS }),
  ]);
}

/** MLflow's own Python client knows the model. */
async function pythonClient(server: MlflowServer, programs: string): Promise<void> {
  const code = `
import mlflow
mlflow.set_tracking_uri("${server.uri}")
info = mlflow.models.get_model_info("models:/Middle/1")
assert info.flavors["voxgrad"]["network"] == "UNet", info.flavors
run = mlflow.get_run(info.run_id)
assert run.data.params["loss_function"] == "DiceCELoss", run.data.params
`;
  const title = "MLflow's own client finds the registered model and its run";
  const check = () => run(join(programs, 'python'), ['-c', code]).then(() => undefined);
  await judge([[title, check]]);
}

const folder = await mkdtemp(join(tmpdir(), 'voxgrad-mlflow-'));
let server: MlflowServer | undefined;
try {
  const programs = await mlflowPrograms(say);
  const data = join(folder, 'data');
  await writeDemoDataset(data, { training: 7, unseen: 1 });
  server = await MlflowServer.in(folder, programs);
  await interruptedServer(server, data, join(folder, 'first'));
  await pythonClient(server, programs);
  await lostServer(server, data, join(folder, 'second'));
} catch (error) {
  failed++;
  say(`FAIL the check itself\n${(error as Error).stack}`);
} finally {
  await server?.kill();
  await rm(folder, { recursive: true, force: true });
}
say(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
