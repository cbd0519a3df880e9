/** Which values of a scan are drawn black and which white. */
import type { ScanImage } from './scan_image.ts';

export type Range = readonly [low: number, high: number];

export interface WindowPreset {
  readonly name: string;
  readonly range: Range;
}

const HOUNSFIELD: readonly WindowPreset[] = [
  { name: 'CT brain', range: [0, 80] },
  { name: 'CT soft tissue', range: [-160, 240] },
  { name: 'CT lung', range: [-1350, 150] },
  { name: 'CT bone', range: [-500, 1300] },
];

type Values = Pick<ScanImage, 'min' | 'max' | 'isWhole' | 'robust'>;

/** Air at about -1000 and tissue above 0, in whole numbers. */
export function looksLikeHounsfield({ min, max, isWhole }: Values): boolean {
  return isWhole && min <= -500 && min >= -4096 && max >= 200;
}

/** The windows that suit a scan, the one to start with first. */
export function windowPresets(values: Values): WindowPreset[] {
  const { min, max, robust } = values;
  const whole: Range = [min, max > min ? max : min + 1];
  const auto = robust[1] > robust[0] ? robust : whole;
  return [
    { name: 'Auto', range: auto },
    { name: 'Full', range: whole },
    ...(looksLikeHounsfield(values) ? HOUNSFIELD : []),
  ];
}
