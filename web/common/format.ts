/** Numbers as people read them; a value that does not exist is a dash. */
const NONE = '–';

export const decimals = (value: number | null | undefined, digits = 4): string =>
  value === null || value === undefined ? NONE : value.toFixed(digits);

export const sizes = (values: readonly number[] | null, missing = NONE): string =>
  values?.map((value) => String(Math.round(value * 100) / 100)).join(' × ') ?? missing;

/** Millimetres per voxel: one number for cubes. */
export function spacings(values: readonly number[]): string {
  const shown = values.map((value) => sizes([value]));
  return `${new Set(shown).size === 1 ? shown[0] : shown.join(' × ')} mm`;
}

export const whole = (value: number | null): string => value?.toLocaleString('en') ?? NONE;

export function duration(seconds: number): string {
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const DATE = new Intl.DateTimeFormat(undefined, {
  month: 'short',
  day: 'numeric',
  hour: 'numeric',
  minute: '2-digit',
});

export const date = (iso: string | null): string =>
  iso === null ? NONE : DATE.format(new Date(iso));

/** A learning rate or a loss on an axis: short, whatever its magnitude. */
export function short(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NONE;
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) return value.toExponential(1);
  return String(Number(value.toPrecision(4)));
}
