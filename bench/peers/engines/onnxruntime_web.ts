/** onnxruntime's WebAssembly build, with threads. */
import * as ort from 'onnxruntime-web';
import type { Engine } from '../serve.ts';
import { peerVersion } from '../versions.ts';
import { onnxEngine } from './onnxruntime.ts';

export async function open(threads: number): Promise<Engine> {
  ort.env.wasm.numThreads = threads;
  const version = `onnxruntime-web ${peerVersion('onnxruntime-web')}, WebAssembly, ${threads} threads`;
  return onnxEngine({ version }, ort.Tensor, (model) =>
    ort.InferenceSession.create(model, { executionProviders: ['wasm'] }),
  );
}
