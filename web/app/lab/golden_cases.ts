/** Golden cases in the page: the handlers of `npm run golden`, on files that somebody chose. */

import { openGpu } from '../../../src/index.ts';
import type { GoldenHandler } from '../../../tests/golden/case.ts';
import { runSuite } from '../../../tests/golden/suite.ts';
import type { Counts, GoldenFiles, Note } from './lab_protocol.ts';

const HANDLERS = import.meta.glob<{ readonly handler: GoldenHandler }>(
  '../../../tests/golden/ops/*.ts',
);

/** A small set that the page brings: values of PyTorch, MONAI and TorchIO. */
const BUNDLED = import.meta.glob<string>('../../../tests/fixtures/golden/*.{json,safetensors}', {
  query: '?url',
  import: 'default',
  eager: true,
});

/** The set that the page brings. Throws Error where a file does not come. */
export async function bundledGolden(): Promise<GoldenFiles> {
  const files = Object.entries(BUNDLED).map(async ([path, url]) => {
    const name = path.split('/').at(-1)!;
    const response = await fetch(new URL(url, import.meta.url));
    if (!response.ok) throw new Error(`The golden values of this page did not load: ${name}.`);
    return [name, await response.blob()] as const;
  });
  return Object.fromEntries(await Promise.all(files));
}

/** Runs every case, prints its line as a note; the counts are the last line's. */
export async function runGolden(files: GoldenFiles, note: (note: Note) => void): Promise<Counts> {
  const contents = new Map<string, Uint8Array>();
  for (const [path, file] of Object.entries(files)) {
    contents.set(path, new Uint8Array(await file.arrayBuffer()));
  }
  let destroy = (): void => undefined;
  try {
    return await runSuite({
      read: (path) => {
        const content = contents.get(path.replace(/^\.\//, ''));
        if (!content) throw new Error(`the folder has no file '${path}'`);
        return content;
      },
      findHandler: async (op) =>
        (await HANDLERS[`../../../tests/golden/ops/${op}.ts`]?.())?.handler,
      openGpu: async () => {
        const gpu = await openGpu();
        destroy = () => gpu.destroy();
        return gpu;
      },
      print: (line) => {
        if (/^(PASS|FAIL) /.test(line)) note({ line });
      },
      onProgress: (done, total) => note({ stage: `${done} of ${total} golden cases` }),
    });
  } finally {
    destroy();
  }
}
