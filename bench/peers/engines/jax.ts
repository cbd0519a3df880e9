/**
 * jax-js on WebGPU, compiled by its `jit`. Its functions take ownership of their arguments, so that
 * what is used again is passed as `.ref`.
 */
import type * as JaxModule from '@jax-js/jax';
import type { Layer } from '../../layers.ts';
import { LAYERS, type Operations, unet } from '../network.ts';
import type { Engine } from '../serve.ts';
import type { NamedTensor } from '../tensor_file.ts';
import { peerVersion } from '../versions.ts';
import { GpuErrors, provideWebGpu } from '../webgpu_globals.ts';
import { ADAM, DICE_SMOOTH, NORM_EPS } from '../workload.ts';

type Jax = typeof JaxModule;
type T = JaxModule.Array;
/** By parameter name. */
type Tree = Record<string, T>;

const SPACE = [2, 3, 4];
const TRANSPOSED = new Set(
  LAYERS.filter(({ op }) => op === 'conv_transpose3d').map(
    ({ parameter }) => `${parameter}.weight`,
  ),
);

function operations({ numpy: np, lax }: Jax, weights: Tree): Operations<T> {
  const biased = (y: T, { parameter, outChannels }: Layer): T =>
    y.add(weights[`${parameter}.bias`]!.ref.reshape([1, outChannels, 1, 1, 1]));
  return {
    conv(x, layer) {
      const { kernel, stride, parameter } = layer;
      const around = (kernel - 1) / 2;
      const padding = SPACE.map((): [number, number] => [around, around]);
      const weight = weights[`${parameter}.weight`]!.ref;
      const strides = SPACE.map(() => stride);
      return biased(lax.convGeneralDilated(x.ref, weight, strides, padding), layer);
    },
    convTranspose(x, layer) {
      // The weight is flipped and OIDHW already. One more voxel behind is PyTorch's output padding.
      const padding = SPACE.map((): [number, number] => [1, 2]);
      const weight = weights[`${layer.parameter}.weight`]!.ref;
      const y = lax.convGeneralDilated(x.ref, weight, [1, 1, 1], padding, {
        lhsDilation: [2, 2, 2],
      });
      return biased(y, layer);
    },
    instanceNorm(x) {
      const centred = x.ref.sub(np.mean(x.ref, SPACE, { keepdims: true }));
      const variance = np.mean(centred.ref.mul(centred.ref), SPACE, { keepdims: true });
      return centred.div(np.sqrt(variance.add(NORM_EPS)));
    },
    prelu(x, slope) {
      const factor = weights[slope]!.ref.reshape([1, 1, 1, 1, 1]);
      return np.where(np.greater(x.ref, 0), x.ref, x.ref.mul(factor));
    },
    add: (a, b) => a.ref.add(b.ref),
    concat: (a, b) => np.concatenate([a.ref, b.ref], 1),
  };
}

/** @param labels one-hot, like the logits [1, C, D, H, W] */
function diceCe({ numpy: np, nn }: Jax, logits: T, labels: T): T {
  const p = nn.softmax(logits.ref, 1);
  const intersection = np.sum(p.ref.mul(labels.ref), SPACE);
  const total = np.sum(p, SPACE).add(np.sum(labels.ref, SPACE));
  const overlap = intersection.mul(2).add(DICE_SMOOTH).div(total.add(DICE_SMOOTH));
  const ce = np.mean(np.sum(nn.logSoftmax(logits, 1).mul(labels), 1)).neg();
  return ce.add(1).sub(np.mean(overlap));
}

/** One update of a parameter; `correct` are the two bias corrections of this step. */
function adamUpdate(
  { numpy: np }: Jax,
  [value, gradient, mean, square]: readonly [T, T, T, T],
  correct: readonly [T, T],
): [T, T, T] {
  const { lr, beta1, beta2, eps } = ADAM;
  const newMean = mean.mul(beta1).add(gradient.ref.mul(1 - beta1));
  const newSquare = square.mul(beta2).add(gradient.ref.mul(gradient).mul(1 - beta2));
  const root = np.sqrt(newSquare.ref.mul(correct[1].ref)).add(eps);
  const change = newMean.ref.mul(correct[0].ref).mul(lr).div(root);
  return [value.sub(change), newMean, newSquare];
}

/** OIDHW flipped from IODHW unflipped, and back: the same swap. */
function swapped({ data, shape }: NamedTensor): NamedTensor {
  const [a, b, ...kernel] = shape as [number, number, ...number[]];
  const taps = kernel.reduce((count, size) => count * size, 1);
  const out = new Float32Array(data.length);
  for (let i = 0; i < a; i++)
    for (let o = 0; o < b; o++)
      for (let tap = 0; tap < taps; tap++)
        out[(o * a + i) * taps + taps - 1 - tap] = data[(i * b + o) * taps + tap]!;
  return { shape: [b, a, ...kernel], data: out };
}

export async function open(): Promise<Engine> {
  const adapter = await provideWebGpu();
  const jax = await import('@jax-js/jax');
  const { numpy: np, tree } = jax;
  if (!(await jax.init('webgpu')).includes('webgpu')) {
    throw new Error('the WebGPU backend does not start');
  }
  jax.defaultDevice('webgpu');
  const errors = new GpuErrors();
  errors.watch(jax.getWebGPUDevice());

  const upload = ({ data, shape }: NamedTensor): T =>
    np.array(data as Float32Array<ArrayBuffer>, { shape: [...shape] });
  const logitsOf = (weights: Tree, x: T): T => unet(operations(jax, weights), x);
  const forward = jax.jit(logitsOf);
  const gradients = jax.jit(
    jax.valueAndGrad(
      (weights: Tree, x: T, labels: T): T => diceCe(jax, logitsOf(weights, x), labels),
    ),
  );
  const update = jax.jit((weights: Tree, grads: Tree, means: Tree, squares: Tree, a: T, b: T) => {
    const next: [Tree, Tree, Tree] = [{}, {}, {}];
    for (const name of Object.keys(weights)) {
      const old = [weights[name]!, grads[name]!, means[name]!, squares[name]!] as const;
      adamUpdate(jax, old, [a, b]).forEach((value, n) => {
        next[n]![name] = value;
      });
    }
    return next;
  });

  let state: [Tree, Tree, Tree] | undefined;
  let inputs: { image: T; labels: T } | undefined;
  let steps = 0;

  const read = async (array: T, { shape }: { shape: readonly number[] }): Promise<NamedTensor> => ({
    shape,
    data: Float32Array.from((await array.ref.data()) as Float32Array),
  });
  const settle = async (arrays: unknown): Promise<void> => {
    await jax.blockUntilReady(arrays as Tree);
    errors.throwIfAny();
  };

  return {
    description: { version: `jax-js ${peerVersion('@jax-js/jax')}, WebGPU`, adapter },

    async load(weights, given) {
      tree.dispose(state);
      tree.dispose(inputs);
      const placed = (name: string, tensor: NamedTensor): T =>
        upload(TRANSPOSED.has(name) ? swapped(tensor) : tensor);
      const zeros = ({ data, shape }: NamedTensor): NamedTensor => ({
        shape,
        data: new Float32Array(data.length),
      });
      state = [{}, {}, {}];
      for (const [name, tensor] of weights) {
        state[0][name] = placed(name, tensor);
        state[1][name] = placed(name, zeros(tensor));
        state[2][name] = placed(name, zeros(tensor));
      }
      const { data, shape } = given.get('label')!;
      const oneHot = new Float32Array(2 * data.length);
      data.forEach((label, n) => {
        oneHot[label * data.length + n] = 1;
      });
      inputs = {
        image: upload(given.get('image')!),
        labels: upload({ data: oneHot, shape: [1, 2, ...shape.slice(2)] }),
      };
      steps = 0;
      await settle([state, inputs]);
    },

    async forward(save) {
      const logits = forward(tree.ref(state![0]), inputs!.image.ref);
      await settle(logits);
      const results = save ? new Map([['logits', await read(logits, logits)]]) : undefined;
      logits.dispose();
      return results;
    },

    async step(save) {
      const [weights, means, squares] = state!;
      const { image, labels } = inputs!;
      const [loss, grads] = gradients(tree.ref(weights), image.ref, labels.ref) as [T, Tree];
      let results: Map<string, NamedTensor> | undefined;
      if (save) {
        results = new Map([['loss', await read(loss, { shape: [1] })]]);
        for (const [name, gradient] of Object.entries(grads)) {
          const values = await read(gradient, gradient);
          results.set(name, TRANSPOSED.has(name) ? swapped(values) : values);
        }
      }
      steps++;
      const [a, b] = [ADAM.beta1, ADAM.beta2].map((beta) => np.array(1 / (1 - beta ** steps)));
      state = update(weights, grads, means, squares, a!, b!) as [Tree, Tree, Tree];
      loss.dispose();
      await settle(state);
      return results;
    },
  };
}
