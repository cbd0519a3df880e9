/** An event file read without the program's own encoder: frames, checksums and fields by hand. */

/** Castagnoli's polynomial, bit by bit. */
function crc32c(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f6_3b78 : 0);
  }
  return ~crc >>> 0;
}

function unmask(masked: number): number {
  const rotated = (masked - 0xa282_ead8) >>> 0;
  return ((rotated >>> 17) | (rotated << 15)) >>> 0;
}

/** Field number -> values: numbers of varints, bytes of everything else. */
function fields(bytes: Uint8Array): Map<number, (number | Uint8Array)[]> {
  const found = new Map<number, (number | Uint8Array)[]>();
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = bytes[at++]!;
      value += (byte & 0x7f) * shift;
      if (byte < 0x80) return value;
    }
  };
  const take = (length: number): Uint8Array => {
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const key = varint();
    const value = [
      varint,
      () => take(8),
      () => take(varint()),
      undefined,
      undefined,
      () => take(4),
    ][key & 7]!();
    found.set(key >>> 3, [...(found.get(key >>> 3) ?? []), value]);
  }
  return found;
}

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset);
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

export interface ReadEvent {
  readonly wallTime: number;
  readonly step: number;
  readonly fileVersion?: string;
  readonly session?: number;
  readonly values: Readonly<Record<string, number>>;
}

/** Throws for a frame whose length or data does not fit its checksum. */
export function readEvents(file: Uint8Array): ReadEvent[] {
  const events: ReadEvent[] = [];
  for (let at = 0; at < file.length; ) {
    const header = file.subarray(at, at + 8);
    const length = Number(view(header).getBigUint64(0, true));
    const data = file.subarray(at + 12, at + 12 + length);
    const sums = [
      [view(file).getUint32(at + 8, true), header],
      [view(file).getUint32(at + 12 + length, true), data],
    ] as const;
    for (const [sum, bytes] of sums) {
      if (unmask(sum) !== crc32c(bytes)) throw new Error(`damaged frame at ${at}`);
    }
    const event = fields(data);
    const first = (field: number) => event.get(field)?.[0];
    const values: Record<string, number> = {};
    for (const summary of event.get(5) ?? []) {
      for (const value of fields(summary as Uint8Array).get(1) ?? []) {
        const parts = fields(value as Uint8Array);
        const tag = text(parts.get(1)![0] as Uint8Array);
        values[tag] = view(parts.get(2)![0] as Uint8Array).getFloat32(0, true);
      }
    }
    const [version, session] = [first(3), first(7)];
    events.push({
      wallTime: view(first(1) as Uint8Array).getFloat64(0, true),
      step: (first(2) ?? 0) as number,
      ...(version ? { fileVersion: text(version as Uint8Array) } : {}),
      ...(session ? { session: fields(session as Uint8Array).get(1)![0] as number } : {}),
      values,
    });
    at += 16 + length;
  }
  return events;
}
