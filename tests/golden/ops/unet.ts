import { Tape } from '../../../src/autograd/tape.ts';
import { Variable } from '../../../src/autograd/variable.ts';
import { DiceCELoss } from '../../../src/nn/dice_ce_loss.ts';
import type { GoldenHandler, GoldenResult } from '../case.ts';
import { hashUniform } from '../hash_init.ts';
import { goldenNetwork } from '../network.ts';

/** Summaries of large gradients: one row per parameter, in `grad_keys` order. */
function summaries(
  keys: readonly string[],
  gradients: ReadonlyMap<string, Float32Array>,
  seed: number,
): Record<string, GoldenResult> {
  const rows = keys.map((key) => {
    const grad = gradients.get(key)!;
    const count = grad.length;
    const direction = hashUniform(`dot/${key}`, count, seed);
    let [squares, sum, largest, dot] = [0, 0, 0, 0];
    for (let n = 0; n < count; n++) {
      squares += grad[n]! ** 2;
      sum += grad[n]!;
      largest = Math.max(largest, Math.abs(grad[n]!));
      dot += grad[n]! * direction[n]!;
    }
    const step = Math.max(1, Math.floor(count / 64));
    const samples = Array.from({ length: 64 }, (_, j) => grad[(j * step) % count]!);
    return { norm: Math.sqrt(squares), sum, largest, dot, samples };
  });
  return {
    grad_l2: { data: rows.map(({ norm }) => norm) },
    grad_sum: { data: rows.map(({ sum }) => sum) },
    grad_absmax: { data: rows.map(({ largest }) => largest) },
    grad_hashdot: { data: rows.map(({ dot }) => dot) },
    grad_samples: { data: rows.flatMap(({ samples }) => samples) },
  };
}

/** Logits, loss and every gradient of one training pass. */
export const handler: GoldenHandler = async (c) => {
  const network = goldenNetwork(c);
  try {
    const [image, label] = [c.input('x'), c.input('target')];
    using tape = new Tape(c.gpu);
    const x = new Variable(tape.upload(Float32Array.from(image.data), image.shape));
    const target = tape.upload(Uint32Array.from(label.data), label.shape);
    const logits = network.forward(tape, x);
    const loss = new DiceCELoss().forward(tape, logits, target);
    const results: Record<string, GoldenResult> = {
      logits: { data: await c.gpu.read(logits.value) },
      loss: { data: await c.gpu.read(loss.value) },
    };
    tape.backward(loss);
    const gradients = new Map<string, Float32Array>();
    for (const { name, parameter } of network.namedParameters()) {
      gradients.set(name, await c.gpu.read(parameter.grad!));
    }
    if (c.params.grad_keys) {
      Object.assign(results, summaries(c.params.grad_keys, gradients, c.params.seed));
    }
    for (const [name, data] of gradients) results[`grad:${name}`] = { data };
    return results;
  } finally {
    network.dispose();
  }
};
