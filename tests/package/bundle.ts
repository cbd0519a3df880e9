/** What a web developer's bundler makes of an import. */
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

export interface Bundle {
  readonly code: string;
  readonly bytes: number;
  readonly gzipBytes: number;
  /** Names of the npm packages that are in it. */
  readonly packages: readonly string[];
}

const packageOf = (path: string): string | undefined =>
  /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1];

/**
 * Bundles a module for browsers, minified; its imports are resolved from `folder`.
 *
 * @throws Error if anything cannot be resolved there, such as a built-in module of Node
 */
export async function bundleForBrowser(code: string, folder: string): Promise<Bundle> {
  const result = await build({
    stdin: { contents: code, resolveDir: folder, loader: 'ts' },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  const [{ contents, text } = { contents: new Uint8Array(), text: '' }] = result.outputFiles;
  const used = Object.values(result.metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0),
  );
  const packages = new Set(
    used.map(([path]) => packageOf(path)).filter((name) => name !== undefined),
  );
  return {
    code: text,
    bytes: contents.length,
    gzipBytes: gzipSync(contents, { level: 9 }).length,
    packages: [...packages].sort(),
  };
}

/** Segments a scan with a model file, and does nothing else. */
export const inferenceOnly = (from: string): string => `
import { buildModel, decodeModel, inferScan, openGpu, readNifti, writeNifti } from '${from}';
export async function segment(modelFile, scanFile) {
  const gpu = await openGpu();
  const decoded = decodeModel(modelFile);
  const model = buildModel(gpu, decoded);
  const image = readNifti(scanFile);
  const inference = await inferScan(gpu, model, image, { config: decoded.patchConfig });
  gpu.destroy();
  return writeNifti(inference.labels(), { datatype: 'uint8', like: image.header });
}`;

/** Most that inference alone may weigh, compressed. */
export const INFERENCE_GZIP_BYTES = 150_000;
