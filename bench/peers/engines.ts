/** The engines of the table, in its order. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ConfigError } from '../../src/errors.ts';
import { peerVersion } from './versions.ts';

const FOLDER = import.meta.dirname;

export interface EngineSpec {
  /** For `--only`, and for files. */
  readonly name: string;
  /** First column of the table. */
  readonly title: string;
  /** Whether it has gradients at all. */
  readonly trains: boolean;
  /** npm packages that it needs, installed in this folder. */
  readonly packages: readonly string[];
  /** Program and arguments. */
  readonly command: readonly [string, ...string[]];
}

/** TypeScript engines run as the project's own commands do. */
export const script = (file: string, ...parameters: string[]): EngineSpec['command'] => [
  process.execPath,
  '--import',
  pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href,
  file,
  ...parameters,
];

const engine = (name: string): EngineSpec['command'] =>
  script(join(FOLDER, 'engine_main.ts'), name);

/** @param python a Python 3; whether it has torch shows when it starts */
export function engineSpecs(python: string): EngineSpec[] {
  return [
    {
      name: 'voxgrad',
      title: 'voxgrad, WebGPU',
      trains: true,
      packages: [],
      command: engine('voxgrad'),
    },
    {
      name: 'pytorch',
      title: 'PyTorch, CPU',
      trains: true,
      packages: [],
      command: [python, join(FOLDER, 'engines', 'pytorch.py')],
    },
    {
      name: 'tfjs',
      title: 'TensorFlow.js, WebGPU',
      trains: true,
      packages: ['@tensorflow/tfjs', '@tensorflow/tfjs-backend-webgpu'],
      command: engine('tensorflow'),
    },
    {
      name: 'jax-js',
      title: 'jax-js, WebGPU',
      trains: true,
      packages: ['@jax-js/jax'],
      command: engine('jax'),
    },
    {
      name: 'ort-wasm',
      title: 'onnxruntime-web, WebAssembly',
      trains: false,
      packages: ['onnxruntime-web', 'protobufjs'],
      command: engine('onnxruntime_web'),
    },
    {
      name: 'ort-cpu',
      title: 'onnxruntime-node, CPU',
      trains: false,
      packages: ['onnxruntime-node', 'protobufjs'],
      command: engine('onnxruntime_cpu'),
    },
    {
      name: 'ort-webgpu',
      title: 'onnxruntime-node, WebGPU',
      trains: false,
      packages: ['onnxruntime-node', 'protobufjs'],
      command: engine('onnxruntime_webgpu'),
    },
  ];
}

/** Whether the packages of an engine are there. */
export const isInstalled = ({ packages }: EngineSpec): boolean =>
  packages.every((name) => peerVersion(name) !== undefined);

/**
 * voxgrad and the engines of `names`, or all.
 *
 * @throws ConfigError for a name that none has
 */
export function chosenEngines(
  specs: readonly EngineSpec[],
  names: readonly string[] | undefined,
): EngineSpec[] {
  const unknown = names?.filter((name) => !specs.some((spec) => spec.name === name)) ?? [];
  if (unknown.length > 0) {
    throw new ConfigError(
      `chosenEngines: no engine has this name. Got '${unknown.join(', ')}'. Use ${specs.map(({ name }) => name).join(', ')}.`,
    );
  }
  return specs.filter(({ name }) => !names || name === 'voxgrad' || names.includes(name));
}
