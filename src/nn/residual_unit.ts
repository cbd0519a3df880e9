import type { Tape } from '../autograd/tape.ts';
import type { Variable } from '../autograd/variable.ts';
import type { Gpu } from '../gpu/device.ts';
import type { Rng } from '../rng.ts';
import { product, type Triple } from '../shape.ts';
import { Conv3d } from './conv3d.ts';
import { type AdnOptions, Convolution, samePadding } from './convolution.ts';
import { Module } from './module.ts';
import { Sequential } from './sequential.ts';

export interface ResidualUnitOptions extends AdnOptions {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: Triple;
  /** Of the first convolution and of the residual path. */
  readonly stride: Triple;
  readonly bias: boolean;
  /** Number of convolutions in a row. */
  readonly subunits: number;
  /** The last convolution is followed by nothing. */
  readonly lastConvOnly?: boolean;
}

/** The convolutions; only the first changes channels and size. */
function unitsOf(gpu: Gpu, rng: Rng, options: ResidualUnitOptions): Convolution[] {
  return Array.from({ length: options.subunits }, (_, n) => {
    const isFirst = n === 0;
    return new Convolution(gpu, rng, {
      ...options,
      inChannels: isFirst ? options.inChannels : options.outChannels,
      stride: isFirst ? options.stride : [1, 1, 1],
      convOnly: options.lastConvOnly === true && n === options.subunits - 1,
    });
  });
}

/**
 * y = units(x) + residual(x); nothing follows the sum. The residual path is x itself where shape
 * and channels stay, a 1x1x1 convolution where only channels change, and otherwise a strided
 * convolution of the full kernel size, all without norm or activation.
 *
 * @see MONAI ResidualUnit
 */
export class ResidualUnit extends Module {
  private readonly units: readonly Convolution[];
  private readonly residual: Conv3d | undefined;
  /** The gradients read nothing but x: to compute the unit twice would save nothing. */
  private readonly readsInputOnly: boolean;

  /** @param rng draws the initial weights; it advances */
  constructor(gpu: Gpu, rng: Rng, options: ResidualUnitOptions) {
    super();
    const { inChannels, outChannels, kernelSize, stride, bias } = options;
    this.units = unitsOf(gpu, rng, options);
    this.readsInputOnly = options.subunits === 1 && options.lastConvOnly === true;
    this.addModule('conv', new Sequential(this.units, 'unit'));
    const strided = product(stride) !== 1;
    if (!strided && inChannels === outChannels) return;
    const geometry = strided
      ? { kernelSize, stride, padding: samePadding(kernelSize) }
      : { kernelSize: 1 };
    this.residual = this.addModule(
      'residual',
      new Conv3d(gpu, rng, { inChannels, outChannels, bias, ...geometry }),
    );
  }

  forward(tape: Tape, x: Variable): Variable {
    const { units, residual } = this;
    const part = (inner: Tape): Variable => {
      const shortcut = residual ? residual.forward(inner, x) : x;
      let y = x;
      units.forEach((unit, n) => {
        y = unit.forward(inner, y, n === units.length - 1 ? shortcut : null);
      });
      return y;
    };
    return this.readsInputOnly ? tape.block(part) : tape.checkpoint(part);
  }
}
