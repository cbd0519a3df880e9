import { FormatError } from '../../errors.ts';

/** What file systems hold in one name, and what any program can open. */
const LONGEST_NAME = 255;
const LONGEST_PATH = 1024;

/** Control characters, and what separates folders or drives on some system. */
const isForbidden = (character: string): boolean =>
  character < ' ' || character === '\x7f' || character === '\\' || character === ':';

/**
 * Folders and file of an archive's entry, below the folder that the archive is unpacked into.
 *
 * @param top the only folder that may stand at the archive's root
 * @returns [] for the root itself
 * @throws FormatError for whatever would land elsewhere, on any system
 */
export function entryPath(name: string, top: string): string[] {
  const segments = name.replace(/\/+$/, '').split('/');
  while (segments[0] === '.') segments.shift();
  if (segments.length === 0) return [];
  const wrong =
    name.startsWith('/') || segments.includes('')
      ? 'its name is not a relative path'
      : segments.some((segment) => segment === '..' || segment === '.')
        ? 'its name leaves its folder'
        : [...name].some(isForbidden)
          ? 'its name has a character that no file should have'
          : segments[0] !== top
            ? `it is not under ${top}/`
            : name.length > LONGEST_PATH ||
                segments.some((segment) => Buffer.byteLength(segment) > LONGEST_NAME)
              ? 'its name is too long'
              : undefined;
  if (wrong === undefined) return segments;
  throw new FormatError(
    `extractTar: an entry of the archive is not safe to unpack: ${wrong}. Got ${JSON.stringify(name.slice(0, 200))}. Do not use this archive.`,
  );
}
