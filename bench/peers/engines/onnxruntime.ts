/** What the builds of onnxruntime have in common: they run the network, and do not train it. */
import type { InferenceSession, Tensor, TensorConstructor } from 'onnxruntime-common';
import type { Description } from '../protocol.ts';
import type { Engine } from '../serve.ts';
import { INPUT, onnxModel } from './onnx_model.ts';

/** @param create opens a session with the build's provider */
export function onnxEngine(
  description: Description,
  tensor: TensorConstructor,
  create: (model: Uint8Array) => Promise<InferenceSession>,
): Engine {
  let session: InferenceSession | undefined;
  let output = '';
  let image: Tensor | undefined;
  return {
    description,

    async load(weights, inputs) {
      await session?.release();
      const model = onnxModel(weights);
      output = model.output;
      session = await create(model.bytes);
      const { data, shape } = inputs.get('image')!;
      image = new tensor('float32', data, shape);
    },

    async forward(save) {
      const logits = (await session!.run({ [INPUT]: image! }))[output]!;
      const results = { shape: logits.dims, data: logits.data as Float32Array };
      return save ? new Map([['logits', results]]) : undefined;
    },

    async step() {
      throw new Error('onnxruntime does not train');
    },
  };
}
