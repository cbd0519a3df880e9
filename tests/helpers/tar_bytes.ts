/** Tar archives byte by byte, so that readers can be shown anything. */

export interface TarEntry {
  readonly name: string;
  /** `0` file, `1` hard link, `2` symbolic link, `3` device, `5` folder, `S` sparse, `x` pax, `L` long name. */
  readonly type?: string;
  readonly data?: Uint8Array | string;
  /** Another size than that of `data`. */
  readonly size?: number;
  readonly linkname?: string;
}

const bytesOf = (data: Uint8Array | string): Uint8Array =>
  typeof data === 'string' ? new TextEncoder().encode(data) : data;

function header({ name, type = '0', data = '', size, linkname = '' }: TarEntry): Uint8Array {
  const block = new Uint8Array(512);
  const put = (at: number, text: string): void => block.set(bytesOf(text), at);
  const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, '0');
  put(0, name.slice(0, 100));
  put(100, octal(0o644, 7));
  put(108, octal(0, 7));
  put(116, octal(0, 7));
  const length = size ?? bytesOf(data).length;
  if (length < 8 ** 11) put(124, octal(length, 11));
  else {
    block[124] = 0x80;
    new DataView(block.buffer).setBigUint64(128, BigInt(length));
  }
  put(136, octal(0, 11));
  put(148, '        ');
  put(156, type);
  put(157, linkname);
  put(257, 'ustar\x0000');
  put(
    148,
    `${octal(
      block.reduce((sum, byte) => sum + byte, 0),
      6,
    )}\x00 `,
  );
  return block;
}

/** Header and data of each entry, then two empty blocks. */
export function tarBytes(entries: readonly TarEntry[]): Uint8Array {
  const blocks = entries.flatMap((entry) => {
    const data = bytesOf(entry.data ?? '');
    const padded = new Uint8Array(Math.ceil(data.length / 512) * 512);
    padded.set(data);
    return [header(entry), padded];
  });
  return Buffer.concat([...blocks, new Uint8Array(1024)]);
}

/** A pax record in front of the next entry: `path`, `size`, ... */
export function pax(key: string, value: string): TarEntry {
  let length = 0;
  let record = '';
  while (record.length !== length || length === 0) {
    length = record.length;
    record = `${length} ${key}=${value}\n`;
  }
  return { name: 'PaxHeader', type: 'x', data: record };
}
