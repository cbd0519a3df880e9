/** What the package has to be: a name for each check, and a function that throws where it is not so. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { readNifti } from '../../src/io/nifti.ts';
import { serveCommand } from '../helpers/served_command.ts';
import { serveFolder } from '../web/static_server.ts';
import { bundleForBrowser, INFERENCE_GZIP_BYTES, inferenceOnly } from './bundle.ts';
import {
  buildWithEsbuild,
  buildWithVite,
  installFixture,
  ownWorkerByVite,
  segmentOnNode,
  typeCheck,
} from './fixture_project.ts';
import { leakingFiles, missingFiles, type Packed, root, strayFiles } from './packed.ts';
import { runCommand } from './run_command.ts';

export interface CheckContext {
  readonly packed: Packed;
  /** Of the fixture project. */
  readonly folder: string;
  readonly browser: Browser;
  /** A line of the size report. */
  report(line: string): void;
}

export type Check = (context: CheckContext) => Promise<void>;

const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(0)} kB`;

/** Segments in a built page, and compares with Node. */
async function comparePage(built: string, { folder, browser }: CheckContext): Promise<void> {
  const server = await serveFolder(built);
  const page = await browser.newPage();
  try {
    const problems: string[] = [];
    page.on('pageerror', ({ message }) => problems.push(message));
    await page.goto(server.url);
    const text = (await page.locator('output').textContent({ timeout: 60_000 })) ?? '';
    assert.ok(text.startsWith('{'), [text, ...problems].join('\n'));
    const { classNames, stages, fileName, base64 } = JSON.parse(text);
    assert.deepEqual(classNames, ['background', 'object']);
    assert.ok(stages.includes('predicting'));
    assert.equal(fileName, 'scan_pred.nii.gz');
    const found = readNifti(Buffer.from(base64, 'base64')).data;
    const expected = await segmentOnNode(folder);
    assert.ok(expected.includes(1) && expected.includes(0));
    const same = expected.filter((value, at) => value === found[at]).length;
    assert.equal(same, expected.length, 'voxels that Chromium and Node agree on');
  } finally {
    await page.close();
    await server.stop();
  }
}

export const CHECKS: Readonly<Record<string, Check>> = {
  'holds what it should, and nothing else': async ({ packed, report }) => {
    assert.deepEqual(await strayFiles(packed), []);
    assert.deepEqual(missingFiles(packed), []);
    assert.deepEqual(await leakingFiles(packed), []);
    const { bytes, unpackedBytes, files } = packed;
    report(
      `package ${kilobytes(bytes)}, unpacked ${kilobytes(unpackedBytes)}, ${files.length} files`,
    );
  },

  'publint has nothing to say': async ({ packed }) => {
    const { messages, pkg } = await publint({
      pack: { tarball: (await readFile(packed.tarball)).buffer as ArrayBuffer },
      strict: true,
    });
    assert.deepEqual(
      messages.map((message) => formatMessage(message, pkg)),
      [],
    );
  },

  'types are right for ES modules, in Node and in bundlers (attw)': async ({ packed }) => {
    const attw = join(root, 'node_modules', '@arethetypeswrong', 'cli', 'dist', 'index.js');
    await runCommand(
      process.execPath,
      [attw, packed.tarball, '--profile', 'esm-only', '--no-color'],
      {
        cwd: root,
      },
    );
  },

  'npm installs it with what it declares': async ({ packed, folder }) => {
    await installFixture(folder, packed);
  },

  'a project compiles with it, as for a bundler': ({ folder }) =>
    typeCheck(folder, 'tsconfig.json'),
  'a project compiles with it, as for Node': ({ folder }) =>
    typeCheck(folder, 'tsconfig.node.json'),

  'its command line serves the application that it holds': async ({ folder }) => {
    const program = join(folder, 'node_modules', 'voxgrad', 'dist', 'src', 'cli', 'main.js');
    const server = await serveCommand('web', [], [program]);
    try {
      for (const path of ['', 'lab.html', 'service_worker.js', 'models/hippocampus.safetensors']) {
        const { status, headers } = await fetch(new URL(path, server.url));
        assert.equal(status, 200, path);
        assert.match(headers.get('content-security-policy') ?? '', /^default-src 'none'/);
      }
    } finally {
      assert.equal(await server.stop(), 0, 'exit code after Ctrl-C');
    }
  },

  'inference alone stays below 150 kB, compressed': async ({ folder, report }) => {
    const { bytes, gzipBytes, packages } = await bundleForBrowser(inferenceOnly('voxgrad'), folder);
    report(`inference alone ${kilobytes(bytes)}, compressed ${kilobytes(gzipBytes)}`);
    assert.ok(gzipBytes < INFERENCE_GZIP_BYTES, `${gzipBytes} bytes`);
    assert.deepEqual(packages, ['fflate', 'nifti-reader-js', 'voxgrad', 'zod']);
    const all = await bundleForBrowser("export * from 'voxgrad'", folder);
    report(`all of voxgrad ${kilobytes(all.bytes)}, compressed ${kilobytes(all.gzipBytes)}`);
  },

  'the worker needs no other file, and no bundler drops one of its own': async ({
    folder,
    report,
  }) => {
    const file = join(folder, 'node_modules', 'voxgrad', 'dist', 'worker', 'worker.js');
    const { bytes, gzipBytes, packages } = await bundleForBrowser(
      await readFile(file, 'utf8'),
      folder,
    );
    report(`voxgrad/worker ${kilobytes(bytes)}, compressed ${kilobytes(gzipBytes)}`);
    assert.deepEqual(packages, []);
    assert.ok(bytes > 100_000, `${bytes} bytes by esbuild`);
    const { length } = await ownWorkerByVite(folder);
    assert.ok(length > 100_000, `${length} bytes by Vite`);
  },

  'a page built by Vite segments as Node does': async (context) =>
    comparePage(await buildWithVite(context.folder), context),
  'a page built by esbuild segments as Node does': async (context) =>
    comparePage(await buildWithEsbuild(context.folder), context),
};
