/**
 * `npm run memory-check -- DIR`: trains on the task folder DIR and on one that lists the same files
 * ten times under other names, and compares the memory of the two processes. Exits 1 if they differ by
 * 5 % or more.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { copyFile, link, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readDatasetFolder } from '../../src/node/dataset_folder.ts';
import { writeJsonFile } from '../../src/node/whole_file.ts';

const MOST_DIFFERENCE = 0.05;
const SAMPLE_SECONDS = 0.5;
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    times: { type: 'string', default: '10' },
    steps: { type: 'string', default: '200' },
    workers: { type: 'string', default: '2' },
    volumes: { type: 'string', default: '60' },
    /** Flags of `voxgrad train`. */
    train: {
      type: 'string',
      default: '--patch-size 32,32,32 --channels 8,16 --strides 2 --no-autotune',
    },
  },
});

/** A folder that lists the first subjects of another as often as asked, without new voxels. */
async function repeated(data: string, volumes: number, times: number, to: string): Promise<void> {
  const { json, subjects } = await readDatasetFolder(data);
  const place = async (from: string, folder: string, turn: number): Promise<string> => {
    const name = `./${folder}/r${turn}_${basename(from)}`;
    // Data on another file system, or of another owner, cannot be linked.
    await link(from, join(to, name)).catch(() => copyFile(from, join(to, name)));
    return name;
  };
  for (const folder of ['imagesTr', 'labelsTr']) await mkdir(join(to, folder), { recursive: true });
  const training: { image: string; label: string }[] = [];
  for (let turn = 0; turn < times; turn++) {
    for (const { image, label } of subjects.slice(0, volumes)) {
      training.push({
        image: await place(image, 'imagesTr', turn),
        label: await place(label, 'labelsTr', turn),
      });
    }
  }
  await writeJsonFile(join(to, 'dataset.json'), {
    name: json.name,
    modality: { 0: 'MRI' },
    labels: Object.fromEntries(json.labels),
    training,
    test: [],
  });
}

interface Memory {
  /** Most bytes resident at any time. */
  readonly peak: number;
  /** Median of the second half of the training. */
  readonly settled: number;
}

/** Resident bytes of a process; NaN where the system does not tell. */
function residentBytes(pid: number): number {
  try {
    const [, pages] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ').map(Number);
    return pages! * 4096;
  } catch {
    return Number.NaN;
  }
}

function train(data: string, out: string): Promise<Memory> {
  const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
  const { steps, workers } = options;
  const flags = `--steps ${steps} --workers ${workers} ${options.train} --json`.split(/\s+/);
  const args = ['--import', 'tsx', main, 'train', '--data', data, '--out', out, ...flags];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const samples: number[] = [];
  const timer = setInterval(() => samples.push(residentBytes(child.pid!)), SAMPLE_SECONDS * 1000);
  let stdout = '';
  child.stdout.on('data', (bytes: Buffer) => {
    stdout += bytes;
  });
  return new Promise((done, fail) => {
    child.on('close', (code) => {
      clearInterval(timer);
      if (code !== 0) return fail(new Error(`training on ${data} ended with ${code}`));
      const half = samples.filter(Number.isFinite).slice(samples.length >> 1);
      const settled = half.sort((a, b) => a - b)[half.length >> 1] ?? Number.NaN;
      done({ peak: JSON.parse(stdout).residentPeakBytes, settled });
    });
  });
}

const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);

const [data] = positionals;
if (data === undefined) throw new Error('memory-check: no task folder. Pass one.');
const folder = await mkdtemp(join(tmpdir(), 'voxgrad-memory-'));
try {
  const volumes = Number(options.volumes);
  const results: Memory[] = [];
  for (const times of [1, Number(options.times)]) {
    const place = join(folder, `${times}`);
    await repeated(resolve(data), volumes, times, place);
    const result = await train(place, join(folder, `run${times}`));
    results.push(result);
    process.stdout.write(
      `${times * volumes} volumes: ${mebibytes(result.peak)} MiB at most, ${mebibytes(result.settled)} MiB settled\n`,
    );
  }
  const [few, many] = results as [Memory, Memory];
  const change = (key: keyof Memory): number => many[key] / few[key] - 1;
  const text = (key: keyof Memory): string => `${(100 * change(key)).toFixed(1)} %`;
  process.stdout.write(`difference: ${text('peak')} at most, ${text('settled')} settled\n`);
  if (Math.abs(change('peak')) >= MOST_DIFFERENCE) process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
