/** What a failure means, for people who do not read code. */

const FUNCTION = /^[A-Za-z_$][\w$.]*: +/;
const INNER_FUNCTION = /: (?:[a-z]+(?:[A-Z]\w*)+|gunzip|segment|evaluate): /g;

/**
 * `readNifti: the file is truncated. ...` -> `The file is truncated. ...`
 *
 * @param name of the scan, where it stands beside the message anyway
 */
export function plainMessage(error: unknown, name = ''): string {
  let text = error instanceof Error ? error.message : String(error);
  if (name !== '' && text.startsWith(`${name}: `)) text = text.slice(name.length + 2);
  text = text.replace(FUNCTION, '').replace(INNER_FUNCTION, ': ').trim();
  return text === ''
    ? 'Something failed without a message.'
    : text[0]!.toUpperCase() + text.slice(1);
}

export const isAbort = (error: unknown): boolean =>
  error instanceof Error && error.name === 'AbortError';
