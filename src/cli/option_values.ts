/** Values of command-line options, checked as they are parsed. */
import { InvalidArgumentError } from 'commander';
import type { Triple } from '../shape.ts';

function numberOf(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) throw new InvalidArgumentError('Not a number.');
  return value;
}

export function positiveInteger(text: string): number {
  const value = numberOf(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('Not a whole number from 1.');
  return value;
}

export function count(text: string): number {
  const value = numberOf(text);
  if (!Number.isInteger(value) || value < 0)
    throw new InvalidArgumentError('Not a whole number from 0.');
  return value;
}

export function seedNumber(text: string): number {
  const value = numberOf(text);
  if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff) {
    throw new InvalidArgumentError('Not a whole number from 0 to 4294967295.');
  }
  return value;
}

export function positiveNumber(text: string): number {
  const value = numberOf(text);
  if (value <= 0) throw new InvalidArgumentError('Not a number above 0.');
  return value;
}

const UNITS = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 } as const;

/** `1500000000`, `800M` or `1.5G`: powers of 1024. */
export function byteCount(text: string): number {
  const match = /^([\d.]+)([KMG]?)(?:i?B)?$/i.exec(text.trim());
  const unit = match?.[2]?.toUpperCase() as keyof typeof UNITS | undefined;
  const value = unit === undefined ? Number.NaN : Number(match![1]) * UNITS[unit];
  if (!(value >= 1)) throw new InvalidArgumentError('Not bytes such as 800M or 1.5G.');
  return Math.floor(value);
}

/** A share of the whole, 0 to below 1. */
export function share(text: string): number {
  const value = numberOf(text);
  if (!(value >= 0 && value < 1)) throw new InvalidArgumentError('Not a share from 0 to below 1.');
  return value;
}

const parts = (text: string): number[] => text.split(/[x,]/).map(numberOf);

/** `48,48,32` or `48x48x32`; one number stands for all three axes. */
export function triple(text: string): Triple {
  const values = parts(text);
  if (values.length === 1) return [values[0]!, values[0]!, values[0]!];
  if (values.length !== 3) throw new InvalidArgumentError('Not three numbers such as 48,48,32.');
  return [values[0]!, values[1]!, values[2]!];
}

/** `16,32,64` */
export function integers(text: string): number[] {
  return text.split(',').map(positiveInteger);
}

/** `2,2,2` one number per level, or `2x2x1,2x2x2` with one per axis. */
export function strides(text: string): (number | Triple)[] {
  return text.split(',').map((level) => {
    if (!level.includes('x')) return positiveInteger(level);
    const values = level.split('x').map(positiveInteger);
    if (values.length !== 3) throw new InvalidArgumentError('Not levels such as 2x2x1,2x2x2.');
    return [values[0]!, values[1]!, values[2]!];
  });
}

export function oneOf<T extends string>(values: readonly T[]): (text: string) => T {
  return (text) => {
    const value = values.find((candidate) => candidate === text);
    if (value === undefined) throw new InvalidArgumentError(`Not one of ${values.join(', ')}.`);
    return value;
  };
}

/** An option that may be given several times. */
export function collect(text: string, previous: readonly string[] = []): string[] {
  return [...previous, text];
}

/** `LR,AP`: anatomical directions to mirror along. */
export function mirrorAxes(text: string): ('LR' | 'AP' | 'IS')[] {
  return text.split(',').map(oneOf(['LR', 'AP', 'IS']));
}
