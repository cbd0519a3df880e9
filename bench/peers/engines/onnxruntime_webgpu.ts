/** onnxruntime's native build on WebGPU, with a Dawn of its own. */
import * as ort from 'onnxruntime-node';
import type { Engine } from '../serve.ts';
import { peerVersion } from '../versions.ts';
import { onnxEngine } from './onnxruntime.ts';

export async function open(): Promise<Engine> {
  const version = `onnxruntime-node ${peerVersion('onnxruntime-node')}, WebGPU`;
  return onnxEngine({ version }, ort.Tensor, (model) =>
    ort.InferenceSession.create(model, { executionProviders: ['webgpu'] }),
  );
}
