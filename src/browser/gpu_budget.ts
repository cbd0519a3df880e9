/** GPU memory for a page: browsers do not tell how much there is. */

/** What any GPU of the last ten years has to spare. */
const MOST = 2 ** 30;
/** A GPU that binds no more than the standard's 128 MiB is that of a phone. */
const BINDINGS = 4;
/** Part of the machine's memory; GPU and programs share it on most. */
const SHARE_OF_MEMORY = 1 / 4;

/**
 * Bytes that inference may plan with where nobody says: 1 GiB, or less where the adapter's bindings or
 * the machine's memory are small.
 *
 * @param limits       of the device
 * @param deviceMemory GiB, as `navigator.deviceMemory` rounds it; undefined in browsers that do not tell
 */
export function defaultGpuBytes(
  { maxStorageBufferBindingSize }: Pick<GPUSupportedLimits, 'maxStorageBufferBindingSize'>,
  deviceMemory?: number,
): number {
  const ofMachine = (deviceMemory ?? Number.POSITIVE_INFINITY) * 2 ** 30 * SHARE_OF_MEMORY;
  return Math.min(MOST, BINDINGS * maxStorageBufferBindingSize, ofMachine);
}
