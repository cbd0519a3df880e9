/**
 * `npm run golden -- DIR [--only op,op] [--supported]`: every case of DIR/manifest.json through the
 * public code. The handler of an op is `ops/<op>.ts`; the file's name is the registry.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Gpu } from '../../src/gpu/device.ts';
import type { GoldenCase, GoldenHandler, GoldenResult } from './case.ts';
import { type Comparison, compareOutput, globalGradientMaximum, ruleFor } from './compare.ts';
import {
  expectedParameter,
  generatedInput,
  generatedNames,
  type ManifestCase,
  readManifest,
  TensorFiles,
} from './manifest.ts';

/** Thrown by `GoldenCase.gpu` on its first use; the runner opens the device and runs the case again. */
class NeedsGpu extends Error {}

let gpu: Gpu | undefined;

function openCase(c: ManifestCase, dir: string, files: TensorFiles): GoldenCase {
  const generated = new Set(generatedNames(c));
  const stored = (table: Record<string, string>, name: string) => {
    const key = table[name];
    if (key === undefined) throw new Error(`case has no tensor '${name}'`);
    return files.get(c.file, key);
  };
  return {
    name: c.name,
    op: c.op,
    dir,
    params: c.params,
    inputNames: [...Object.keys(c.inputs), ...generated],
    outputNames: Object.keys(c.outputs),
    input: (name) => (generated.has(name) ? generatedInput(c, name) : stored(c.inputs, name)),
    output: (name) =>
      Object.keys(c.outputs).length > 0 ? stored(c.outputs, name) : expectedParameter(c, name),
    get gpu(): Gpu {
      if (!gpu) throw new NeedsGpu();
      return gpu;
    },
  };
}

async function runHandler(
  handler: GoldenHandler,
  c: GoldenCase,
): Promise<Record<string, GoldenResult>> {
  try {
    return await handler(c);
  } catch (error) {
    if (!(error instanceof NeedsGpu)) throw error;
    const { openGpu } = await import('../../src/node/dawn.ts');
    gpu = await openGpu();
    return await handler(c);
  }
}

/** `label_tie_mask`, `tie_final`: say which voxels another output leaves open; not results. */
const isMask = (output: string): boolean => /(^tie_|_tie_mask$)/.test(output);

async function judge(handler: GoldenHandler, manifestCase: ManifestCase, c: GoldenCase) {
  const results = await runHandler(handler, c);
  // Without output tensors the expected values are parameters, under the names of the results.
  const names = c.outputNames.length > 0 ? c.outputNames : Object.keys(results);
  if (names.length === 0) throw new Error('case has nothing to compare');
  const gradientMax = globalGradientMaximum(names.map((name) => [name, c.output(name)] as const));
  return names
    .filter((name) => !isMask(name))
    .map((name): Comparison => {
      const expected = c.output(name);
      const rule = ruleFor(name, expected, manifestCase.tolerance, gradientMax);
      const result = results[name];
      if (result) return compareOutput(name, result, expected, rule);
      const detail = `${name}: missing from the handler's results`;
      return { output: name, passed: false, error: Number.POSITIVE_INFINITY, bound: 0, detail };
    });
}

/** How much of its bound a comparison uses; above 1 it fails. */
const strain = ({ error, bound }: Comparison): number =>
  error === 0 ? 0 : bound === 0 ? Number.POSITIVE_INFINITY : error / bound;

function report(name: string, comparisons: readonly Comparison[]): boolean {
  const worst = comparisons.reduce((a, b) => (strain(b) > strain(a) ? b : a));
  const failures = comparisons.filter((comparison) => !comparison.passed);
  const numbers = `${worst.error.toExponential(2)} ${worst.bound.toExponential(2)}`;
  const detail = failures.length > 0 ? ` ${failures[0]!.detail ?? failures[0]!.output}` : '';
  console.log(`${failures.length === 0 ? 'PASS' : 'FAIL'} ${name} ${numbers}${detail}`);
  return failures.length === 0;
}

async function findHandler(op: string): Promise<GoldenHandler | undefined> {
  if (!/^[a-z0-9_]+$/.test(op)) return undefined;
  const file = new URL(`./ops/${op}.ts`, import.meta.url);
  if (!existsSync(fileURLToPath(file))) return undefined;
  return ((await import(file.href)) as { handler: GoldenHandler }).handler;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { only: { type: 'string' }, supported: { type: 'boolean', default: false } },
  });
  const [folder] = positionals;
  if (positionals.length !== 1 || folder === undefined) {
    throw new Error('usage: npm run golden -- DIR [--only op,op] [--supported]');
  }
  const dir = resolve(folder);
  const files = new TensorFiles(dir);
  const only = values.only?.split(',');
  const unsupported = new Set<string>();
  let passed = 0;
  let failed = 0;
  for (const manifestCase of readManifest(dir)) {
    const { name, op } = manifestCase;
    if (only && !only.includes(op)) continue;
    const handler = await findHandler(op);
    if (!handler) {
      if (values.supported) unsupported.add(op);
      else {
        console.log(`FAIL ${name} op '${op}' is not yet supported`);
        failed++;
      }
      continue;
    }
    let ok = false;
    try {
      ok = report(name, await judge(handler, manifestCase, openCase(manifestCase, dir, files)));
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      console.log(`FAIL ${name} ${text.split('\n')[0]}`);
    }
    if (ok) passed++;
    else failed++;
  }
  if (unsupported.size > 0) console.log(`not yet supported: ${[...unsupported].join(', ')}`);
  console.log(`${passed} passed, ${failed} failed`);
  if (failed > 0 || passed === 0) process.exitCode = 1;
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
