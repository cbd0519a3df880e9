/** Every case of a golden folder through the public code: on Node and in a page. */
import type { Gpu } from '../../src/gpu/device.ts';
import type { GoldenCase, GoldenHandler, GoldenResult } from './case.ts';
import { type Comparison, compareOutput, globalGradientMaximum, ruleFor } from './compare.ts';
import {
  expectedParameter,
  generatedInput,
  generatedNames,
  type ManifestCase,
  type ReadFile,
  readManifest,
  TensorFiles,
} from './manifest.ts';

export interface Suite {
  readonly read: ReadFile;
  /** `ops/<op>.ts`: the file's name is the registry. Undefined for an op that has none. */
  readonly findHandler: (op: string) => Promise<GoldenHandler | undefined>;
  /** Called once, when a case first asks for a GPU. */
  readonly openGpu: () => Promise<Gpu>;
  /** Ops to run. Default: all. */
  readonly only?: readonly string[] | undefined;
  /** Lists unknown ops without failing for them. Default false. */
  readonly supported?: boolean;
  /** Gets each line as soon as it is known. */
  readonly print: (line: string) => void;
  /** Called before each case. Default: nothing. */
  readonly onProgress?: (done: number, total: number) => Promise<void> | void;
}

export interface SuiteCounts {
  readonly passed: number;
  readonly failed: number;
}

/** Thrown by `GoldenCase.gpu` on its first use; the suite opens the device and runs the case again. */
class NeedsGpu extends Error {}

class OpenedGpu {
  private readonly open: () => Promise<Gpu>;
  private gpu: Gpu | undefined;

  constructor(open: () => Promise<Gpu>) {
    this.open = open;
  }

  get(): Gpu {
    if (!this.gpu) throw new NeedsGpu();
    return this.gpu;
  }

  async run(handler: GoldenHandler, c: GoldenCase): Promise<Record<string, GoldenResult>> {
    try {
      return await handler(c);
    } catch (error) {
      if (!(error instanceof NeedsGpu)) throw error;
      this.gpu = await this.open();
      return await handler(c);
    }
  }
}

function openCase(c: ManifestCase, read: ReadFile, files: TensorFiles, gpu: OpenedGpu): GoldenCase {
  const generated = new Set(generatedNames(c));
  const stored = (table: Record<string, string>, name: string) => {
    const key = table[name];
    if (key === undefined) throw new Error(`case has no tensor '${name}'`);
    return files.get(c.file, key);
  };
  return {
    name: c.name,
    op: c.op,
    params: c.params,
    inputNames: [...Object.keys(c.inputs), ...generated],
    outputNames: Object.keys(c.outputs),
    file: read,
    input: (name) => (generated.has(name) ? generatedInput(c, name) : stored(c.inputs, name)),
    output: (name) =>
      Object.keys(c.outputs).length > 0 ? stored(c.outputs, name) : expectedParameter(c, name),
    get gpu(): Gpu {
      return gpu.get();
    },
  };
}

/** `label_tie_mask`, `tie_final`: say which voxels another output leaves open; not results. */
const isMask = (output: string): boolean => /(^tie_|_tie_mask$)/.test(output);

function judge(
  results: Record<string, GoldenResult>,
  { tolerance }: ManifestCase,
  c: GoldenCase,
): Comparison[] {
  // Without output tensors the expected values are parameters, under the names of the results.
  const names = c.outputNames.length > 0 ? c.outputNames : Object.keys(results);
  if (names.length === 0) throw new Error('case has nothing to compare');
  const gradientMax = globalGradientMaximum(names.map((name) => [name, c.output(name)] as const));
  return names
    .filter((name) => !isMask(name))
    .map((name): Comparison => {
      const expected = c.output(name);
      const rule = ruleFor(name, expected, tolerance, gradientMax);
      const result = results[name];
      if (result) return compareOutput(name, result, expected, rule);
      const detail = `${name}: missing from the handler's results`;
      return { output: name, passed: false, error: Number.POSITIVE_INFINITY, bound: 0, detail };
    });
}

/** How much of its bound a comparison uses; above 1 it fails. */
const strain = ({ error, bound }: Comparison): number =>
  error === 0 ? 0 : bound === 0 ? Number.POSITIVE_INFINITY : error / bound;

/** `PASS|FAIL name worst-error tolerance` */
function reportLine(name: string, comparisons: readonly Comparison[]): string {
  const worst = comparisons.reduce((a, b) => (strain(b) > strain(a) ? b : a));
  const failures = comparisons.filter((comparison) => !comparison.passed);
  const numbers = `${worst.error.toExponential(2)} ${worst.bound.toExponential(2)}`;
  const detail = failures.length > 0 ? ` ${failures[0]!.detail ?? failures[0]!.output}` : '';
  return `${failures.length === 0 ? 'PASS' : 'FAIL'} ${name} ${numbers}${detail}`;
}

/**
 * Prints one line per case, then `N passed, M failed`. A case whose op is unknown fails.
 *
 * @throws Error for a manifest that cannot be read; what goes wrong in a case is its line
 */
export async function runSuite(suite: Suite): Promise<SuiteCounts> {
  const { read, findHandler, only, supported = false, print, onProgress } = suite;
  const gpu = new OpenedGpu(suite.openGpu);
  const files = new TensorFiles(read);
  const cases = readManifest(read).filter(({ op }) => only?.includes(op) ?? true);
  const unsupported = new Set<string>();
  let passed = 0;
  let failed = 0;
  for (const [index, manifestCase] of cases.entries()) {
    const { name, op } = manifestCase;
    await onProgress?.(index, cases.length);
    const handler = await findHandler(op);
    if (!handler && supported) {
      unsupported.add(op);
      continue;
    }
    let line = `FAIL ${name} op '${op}' is not yet supported`;
    try {
      const c = openCase(manifestCase, read, files, gpu);
      if (handler) line = reportLine(name, judge(await gpu.run(handler, c), manifestCase, c));
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      line = `FAIL ${name} ${text.split('\n')[0]}`;
    }
    print(line);
    if (line.startsWith('PASS')) passed++;
    else failed++;
  }
  if (unsupported.size > 0) print(`not yet supported: ${[...unsupported].join(', ')}`);
  print(`${passed} passed, ${failed} failed`);
  return { passed, failed };
}
