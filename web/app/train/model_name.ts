/** Names of model files. */

/** `model_2026-11-24_00-31` */
export function nameOfNow(now = new Date()): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = [now.getFullYear(), two(now.getMonth() + 1), two(now.getDate())].join('-');
  return `model_${day}_${two(now.getHours())}-${two(now.getMinutes())}`;
}

/** A file name from what somebody typed: what file systems forbid becomes `_`. */
export function modelFileName(typed: string, otherwise: string): string {
  const name = typed
    .trim()
    .replace(/\.safetensors$/i, '')
    .replace(/[^\p{L}\p{N} ._+()-]+/gu, '_')
    .replace(/^\.+/, '');
  return `${name || otherwise}.safetensors`;
}
