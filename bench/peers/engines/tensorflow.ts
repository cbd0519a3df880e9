/**
 * TensorFlow.js on WebGPU. It has no transposed convolution with a gradient and no instance norm:
 * both are put together from what it has.
 */
import type * as TensorFlow from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { Layer } from '../../layers.ts';
import { type Operations, unet } from '../network.ts';
import type { Engine } from '../serve.ts';
import type { NamedTensor } from '../tensor_file.ts';
import { peerVersion } from '../versions.ts';
import { GpuErrors, provideWebGpu } from '../webgpu_globals.ts';
import { ADAM, DICE_SMOOTH, NORM_EPS } from '../workload.ts';

type Tf = typeof TensorFlow;
type T = TensorFlow.Tensor;
type T3 = TensorFlow.Tensor3D;
type T4 = TensorFlow.Tensor4D;
type T5 = TensorFlow.Tensor5D;

const FRONT: [number, number] = [1, 0];
const NONE: [number, number] = [0, 0];

/** Weights OIDHW to DHWIO, and those of transposed convolutions IODHW to DHWOI. */
const toTf = (x: T): T => (x.rank === 5 ? x.transpose([2, 3, 4, 1, 0]) : x.clone());
const fromTf = (x: T): T => (x.rank === 5 ? x.transpose([4, 3, 0, 1, 2]) : x.clone());

/** y = convolution's gradient to its input, with its own gradients by the convolution's kernels. */
function convTranspose(tf: Tf, x: T5, filter: T5): T5 {
  const [, d, h, w] = x.shape;
  const outChannels = filter.shape[3];
  const full = [1, 2 * d + 1, 2 * h + 1, 2 * w + 1, outChannels] as T5['shape'];
  const op = tf.customGrad((...inputs) => {
    const [input, weight, save] = inputs as unknown as [T5, T5, TensorFlow.GradSaveFunc];
    save([input, weight]);
    const value = tf.conv3dTranspose(input, weight, full, 2, 'valid');
    const gradFunc = (dy: T, saved: T[]): T[] => {
      const [savedX, savedFilter] = saved as [T5, T5];
      const dx = tf.conv3d(dy as T5, savedFilter, 2, 'valid');
      const dfilter: T = tf
        .engine()
        .runKernel(
          tf.Conv3DBackpropFilterV2,
          { x: dy, dy: savedX },
          { strides: [2, 2, 2], pad: 'valid', filterShape: savedFilter.shape },
        );
      return [dx, dfilter];
    };
    return { value, gradFunc };
  });
  // The first plane is what PyTorch's padding cuts off.
  const y = op(x, filter).reshape([2 * d + 1, 2 * h + 1, 2 * w + 1, outChannels]) as T4;
  return y.slice([1, 1, 1, 0]).expandDims(0);
}

/**
 * Operations of five axes do not compile, but for convolutions, and sums over the first of two axes
 * fail for large patches: this is [1, voxels, channels].
 */
const flat = (x: T5): T3 => x.reshape([1, -1, x.shape[4]]);

/** `f` of the flat tensor, in its own shape again. */
const pointwise = (x: T5, f: (x: T3) => T): T5 => f(flat(x)).reshape(x.shape);

function operations(tf: Tf, weights: ReadonlyMap<string, TensorFlow.Variable>): Operations<T5> {
  const biased = (y: T5, { parameter }: Layer): T5 =>
    pointwise(y, (values) => values.add(weights.get(`${parameter}.bias`)!));
  const filter = ({ parameter }: Layer): T5 => weights.get(`${parameter}.weight`) as T as T5;
  return {
    conv(x, layer) {
      if (layer.stride === 1) return biased(tf.conv3d(x, filter(layer), 1, 'same'), layer);
      // 'same' would pad an even size behind; PyTorch's padding of 1 is read in front only.
      const padded = x.squeeze<T4>([0]).pad([FRONT, FRONT, FRONT, NONE]);
      return biased(tf.conv3d(padded.expandDims<T5>(0), filter(layer), 2, 'valid'), layer);
    },
    convTranspose: (x, layer) => biased(convTranspose(tf, x, filter(layer)), layer),
    instanceNorm: (x) =>
      pointwise(x, (values) => {
        const { mean, variance } = tf.moments(values, 1, true);
        return values.sub(mean).mul(variance.add(NORM_EPS).rsqrt());
      }),
    prelu: (x, slope) => pointwise(x, (values) => tf.prelu(values, weights.get(slope) as T)),
    add: (a, b) => pointwise(a, (values) => values.add(flat(b))),
    concat(a, b) {
      const joined = tf.concat([flat(a), flat(b)], 2);
      return joined.reshape([...a.shape.slice(0, 4), joined.shape[2]] as T5['shape']);
    },
  };
}

/** @param labels one-hot, [1, voxels, classes] like the logits */
function diceCe(tf: Tf, logits: T3, labels: T3): TensorFlow.Scalar {
  const p = tf.softmax(logits);
  const intersection = p.mul(labels).sum(1);
  const total = p.sum(1).add(labels.sum(1));
  const overlap = intersection.mul(2).add(DICE_SMOOTH).div(total.add(DICE_SMOOTH));
  const ce = tf.logSoftmax(logits).mul(labels).sum(2).mean().neg();
  return tf.scalar(1).sub(overlap.mean()).add(ce) as TensorFlow.Scalar;
}

export async function open(): Promise<Engine> {
  const adapter = await provideWebGpu();
  const tf = await import('@tensorflow/tfjs');
  await import('@tensorflow/tfjs-backend-webgpu');
  if (!(await tf.setBackend('webgpu'))) throw new Error('the WebGPU backend does not start');
  const backend = tf.backend() as WebGPUBackend;
  const errors = new GpuErrors();
  errors.watch(backend.device);

  const weights = new Map<string, TensorFlow.Variable>();
  let adam: TensorFlow.AdamOptimizer | undefined;
  let image: T5 | undefined;
  let labels: T3 | undefined;

  const sync = async (): Promise<void> => {
    backend.ensureCommandEncoderReady();
    backend.endComputePassEncoder();
    backend.submitQueue();
    await backend.device.queue.onSubmittedWorkDone();
    errors.throwIfAny();
  };
  const logitsOf = (): T5 => unet(operations(tf, weights), image!);
  const read = async (x: T): Promise<NamedTensor> => {
    const data = (await x.data()) as Float32Array;
    errors.throwIfAny();
    return { shape: x.shape, data };
  };

  return {
    description: { version: `TensorFlow.js ${peerVersion('@tensorflow/tfjs')}, WebGPU`, adapter },

    async load(given, inputs) {
      tf.dispose([...weights.values(), ...(image && labels ? [image, labels] : [])]);
      adam?.dispose();
      weights.clear();
      tf.tidy(() => {
        for (const [name, { data, shape }] of given) {
          weights.set(name, tf.variable(toTf(tf.tensor(data, [...shape]))));
        }
        const { data, shape } = inputs.get('image')!;
        image = tf.keep(tf.tensor5d(data, [1, ...shape.slice(2), 1] as T5['shape']));
        const label = inputs.get('label')!.data;
        const oneHot = Float32Array.from({ length: 2 * label.length }, (_, n) =>
          label[n >> 1] === (n & 1) ? 1 : 0,
        );
        labels = tf.keep(tf.tensor3d(oneHot, [1, label.length, 2]));
      });
      adam = tf.train.adam(ADAM.lr, ADAM.beta1, ADAM.beta2, ADAM.eps);
      await sync();
    },

    async forward(save) {
      const logits = tf.tidy(logitsOf);
      await sync();
      let results: Map<string, NamedTensor> | undefined;
      if (save) {
        const channelsFirst = tf.tidy(() => flat(logits).transpose([0, 2, 1]));
        results = new Map([['logits', await read(channelsFirst)]]);
        channelsFirst.dispose();
      }
      logits.dispose();
      return results;
    },

    async step(save) {
      const variables = [...weights.values()];
      const { value, grads } = tf.variableGrads(
        () => diceCe(tf, flat(logitsOf()), labels!),
        variables,
      );
      let results: Map<string, NamedTensor> | undefined;
      if (save) {
        results = new Map([['loss', await read(value.reshape([1]))]]);
        for (const [name, variable] of weights) {
          const gradient = tf.tidy(() => fromTf(grads[variable.name]!));
          results.set(name, await read(gradient));
          gradient.dispose();
        }
      }
      adam!.applyGradients(grads as Record<string, TensorFlow.Variable>);
      tf.dispose([value, grads]);
      await sync();
      return results;
    },
  };
}
