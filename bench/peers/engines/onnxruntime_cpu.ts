/** onnxruntime's native build on the CPU. */
import * as ort from 'onnxruntime-node';
import type { Engine } from '../serve.ts';
import { peerVersion } from '../versions.ts';
import { onnxEngine } from './onnxruntime.ts';

export async function open(threads: number): Promise<Engine> {
  const version = `onnxruntime-node ${peerVersion('onnxruntime-node')}, CPU, ${threads} threads`;
  return onnxEngine({ version }, ort.Tensor, (model) =>
    ort.InferenceSession.create(model, {
      executionProviders: ['cpu'],
      intraOpNumThreads: threads,
    }),
  );
}
