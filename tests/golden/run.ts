/**
 * `npm run golden -- DIR [--only op,op] [--supported]`: every case of DIR/manifest.json through the
 * public code. The handler of an op is `ops/<op>.ts`; the file's name is the registry.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { GoldenHandler } from './case.ts';
import { folderReader } from './folder.ts';
import { runSuite } from './suite.ts';

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
  const { passed, failed } = await runSuite({
    read: folderReader(folder),
    findHandler,
    openGpu: async () => (await import('../../src/node/dawn.ts')).openGpu(),
    only: values.only?.split(','),
    supported: values.supported,
    print: console.log,
  });
  if (failed > 0 || passed === 0) process.exitCode = 1;
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
