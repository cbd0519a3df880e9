/** voxgrad itself: what the others are compared with. */
import { Tape } from '../../../src/autograd/tape.ts';
import { Variable } from '../../../src/autograd/variable.ts';
import type { Tensor } from '../../../src/gpu/tensor.ts';
import { DiceCELoss } from '../../../src/nn/dice_ce_loss.ts';
import { openGpu } from '../../../src/node/dawn.ts';
import { Adam } from '../../../src/train/adam.ts';
import { benchNetwork } from '../../network.bench.ts';
import { adapterOf } from '../../run.ts';
import { adapterText } from '../../table.ts';
import type { Engine } from '../serve.ts';
import type { NamedTensor } from '../tensor_file.ts';
import { voxgradVersion } from '../versions.ts';
import { ADAM } from '../workload.ts';

export async function open(): Promise<Engine> {
  const gpu = await openGpu();
  const model = benchNetwork(gpu);
  const loss = new DiceCELoss();
  let adam: Adam | undefined;
  let image: Tensor | undefined;
  let target: Tensor | undefined;

  const read = async ({ shape }: Tensor, tensor: Tensor): Promise<NamedTensor> => ({
    shape,
    data: await gpu.read(tensor),
  });

  return {
    description: {
      version: `voxgrad ${voxgradVersion()}, WebGPU`,
      adapter: adapterText(adapterOf(gpu)),
    },

    weights: () => model.stateDict(),

    async load(weights, inputs) {
      for (const tensor of [image, target]) if (tensor) gpu.release(tensor);
      adam?.dispose();
      model.loadStateDict(weights);
      adam = new Adam(gpu, model.namedParameters());
      const [x, labels] = [inputs.get('image')!, inputs.get('label')!];
      image = gpu.upload(x.data, x.shape, 'peers.image');
      target = gpu.upload(Uint32Array.from(labels.data), labels.shape, 'peers.label');
      await gpu.sync();
    },

    async forward(save) {
      using tape = new Tape(gpu, { recording: false });
      const { value } = model.forward(tape, new Variable(image!));
      if (save) return new Map([['logits', await read(value, value)]]);
      await gpu.sync();
      return undefined;
    },

    async step(save) {
      using tape = new Tape(gpu);
      const value = loss.forward(tape, model.forward(tape, new Variable(image!)), target!);
      tape.backward(value);
      let results: Map<string, NamedTensor> | undefined;
      if (save) {
        results = new Map([['loss', await read(value.value, value.value)]]);
        for (const { name, parameter } of model.namedParameters()) {
          if (parameter.grad) results.set(name, await read(parameter.value, parameter.grad));
        }
      }
      adam!.step(tape, { lr: ADAM.lr, momentum: ADAM.beta1 });
      await gpu.sync();
      return results;
    },
  };
}
