/** Options of the U-Net: defaults, checks, and numbers widened to one value per axis. */
import { ConfigError } from '../errors.ts';
import { type Triple, toTriple } from '../shape.ts';
import { type ActivationKind, type NormKind, samePadding } from './convolution.ts';

export interface UNetOptions {
  readonly inChannels: number;
  readonly outChannels: number;
  /** Width of every level; the last is the bottom. At least two. */
  readonly channels: readonly number[];
  /** One per level above the bottom: a number, or one value per axis for anisotropic scans. */
  readonly strides: readonly (number | Triple)[];
  /** Odd. Default 3. */
  readonly kernelSize?: number | Triple;
  /** Of the transposed convolutions; odd. Default 3. */
  readonly upKernelSize?: number | Triple;
  /** Convolutions per residual unit of the encoder; 0 for plain convolutions. Default 0. */
  readonly numResUnits?: number;
  readonly act?: ActivationKind;
  readonly norm?: NormKind;
  readonly dropout?: number;
  readonly bias?: boolean;
}

/** All options, as a model file stores them. */
export interface UNetConfig {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly channels: readonly number[];
  readonly strides: readonly Triple[];
  readonly kernelSize: Triple;
  readonly upKernelSize: Triple;
  readonly numResUnits: number;
  readonly act: ActivationKind;
  readonly norm: NormKind;
  readonly dropout: number;
  readonly bias: boolean;
}

const isCount = (value: number): boolean => Number.isInteger(value) && value > 0;

/**
 * @throws ConfigError for options that do not fit together
 * Differs from MONAI: too many strides are an error, not a warning.
 */
export function unetConfig(options: UNetOptions): UNetConfig {
  const {
    inChannels,
    outChannels,
    channels,
    strides,
    kernelSize = 3,
    upKernelSize = 3,
    numResUnits = 0,
    act = 'prelu',
    norm = 'instance',
    dropout = 0,
    bias = true,
  } = options;
  if (channels.length < 2 || strides.length !== channels.length - 1) {
    throw new ConfigError(
      `UNet: needs two levels or more and one stride between neighbours. Got ${channels.length} channels and ${strides.length} strides. Pass one stride less than channels.`,
    );
  }
  const config: UNetConfig = {
    inChannels,
    outChannels,
    channels: [...channels],
    strides: strides.map((stride) => toTriple(stride, 'UNet.strides')),
    kernelSize: toTriple(kernelSize, 'UNet.kernelSize'),
    upKernelSize: toTriple(upKernelSize, 'UNet.upKernelSize'),
    numResUnits,
    act,
    norm,
    dropout,
    bias,
  };
  const counts = [inChannels, outChannels, ...channels, ...config.strides.flat()];
  if (!counts.every(isCount) || !Number.isInteger(numResUnits) || numResUnits < 0) {
    throw new ConfigError(
      `UNet: channels, strides and numResUnits must be whole numbers. Got ${JSON.stringify(options)}. Correct the odd one out.`,
    );
  }
  if (!(dropout >= 0 && dropout < 1)) {
    throw new ConfigError(
      `UNet: dropout is a probability. Got ${dropout}. Pass a number from 0 to below 1.`,
    );
  }
  samePadding(config.kernelSize);
  samePadding(config.upKernelSize);
  return config;
}
