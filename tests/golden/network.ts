/** The network of a golden case, with the case's weights. */
import type { ActivationKind, NormKind } from '../../src/nn/convolution.ts';
import type { StateTensor } from '../../src/nn/module.ts';
import { UNet } from '../../src/nn/unet.ts';
import { Rng } from '../../src/rng.ts';
import type { GoldenCase } from './case.ts';

const WEIGHT = 'weight:';

function normOf(norm: unknown): NormKind {
  if (norm === undefined || norm === 'INSTANCE') return 'instance';
  if (norm === null) return 'none';
  const [name, options] = Array.isArray(norm) ? norm : [];
  if (name === 'INSTANCE') return options?.affine ? 'instance_affine' : 'instance';
  throw new Error(`unknown norm ${JSON.stringify(norm)}`);
}

function actOf(act: unknown): ActivationKind {
  if (act === undefined || act === 'PRELU') return 'prelu';
  if (act === 'RELU') return 'relu';
  throw new Error(`unknown activation ${JSON.stringify(act)}`);
}

/** The case's parameters are MONAI's constructor arguments; fails if names or order differ from the case's. */
export function goldenNetwork(c: GoldenCase): UNet {
  const { params } = c;
  const network = new UNet(c.gpu, Rng.seed(0), {
    inChannels: params.in_channels ?? 1,
    outChannels: params.out_channels ?? 2,
    channels: params.channels,
    strides: params.strides,
    kernelSize: params.kernel_size ?? 3,
    upKernelSize: params.up_kernel_size ?? 3,
    numResUnits: params.num_res_units ?? 2,
    act: actOf(params.act),
    norm: normOf(params.norm),
    dropout: params.dropout ?? 0,
    bias: params.bias ?? true,
  });
  const weights = new Map<string, StateTensor>();
  for (const name of c.inputNames) {
    if (name.startsWith(WEIGHT)) weights.set(name.slice(WEIGHT.length), c.input(name));
  }
  network.loadStateDict(weights);
  const names = network.namedParameters().map(({ name }) => name);
  const expected = params.state ? Object.keys(params.state) : [...weights.keys()];
  if (names.join() !== expected.join()) {
    throw new Error(`order of the state dictionary: got ${names}, expected ${expected}`);
  }
  const count = params.num_parameters ?? network.parameterCount;
  if (network.parameterCount !== count) {
    throw new Error(`${network.parameterCount} parameters, expected ${count}`);
  }
  return network;
}
