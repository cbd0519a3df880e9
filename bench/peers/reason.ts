/** Errors of libraries in a word, for cells of a table; the whole message is in the notes. */

const KNOWN: readonly (readonly [RegExp, string])[] = [
  [/timeout after/, 'timeout'],
  [/No module named/, 'not installed'],
  [/does not start.*ENOENT/, 'not installed'],
  [/dispatch|workgroup count|maxComputeWorkgroupsPerDimension/i, 'dispatch size'],
  [/conv_?transpose/i, 'transposed convolution'],
  [/binding size|maxStorageBufferBindingSize|maxBufferSize/i, 'buffer size'],
  [/out of memory|OOM|bad_alloc|std::length_error/i, 'memory'],
  [/SIGSEGV|SIGABRT|SIGBUS|SIGILL|aborted/i, 'crash'],
  [/compil|shader|pipeline|WGSL/i, 'shader'],
  [/invalid|validation/i, 'GPU error'],
];

const LENGTH = 40;

/** The first line's beginning where the error is none of the known ones. */
export function reasonOf(message: string): string {
  const known = KNOWN.find(([pattern]) => pattern.test(message));
  if (known) return known[1];
  const line = message.trim().split('\n')[0]!.replaceAll('|', '/');
  return line.length > LENGTH ? `${line.slice(0, LENGTH - 1)}…` : line;
}
