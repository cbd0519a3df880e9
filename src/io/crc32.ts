/** CRC-32 of RFC 1952, four bytes per step, so that checking costs less than inflating. */

const TABLES = makeTables();

function makeTables(): Uint32Array {
  const tables = new Uint32Array(4 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
    tables[byte] = crc;
  }
  for (let n = 256; n < tables.length; n++) {
    const shorter = tables[n - 256]!;
    tables[n] = (shorter >>> 8) ^ tables[shorter & 255]!;
  }
  return tables;
}

/** CRC-32 of `bytes` appended to data whose CRC is `previous` (0 for none). An unsigned 32-bit number. */
export function crc32(bytes: Uint8Array, previous = 0): number {
  let crc = ~previous;
  let n = 0;
  const wholeWords = bytes.length & ~3;
  while (n < wholeWords) {
    crc ^= bytes[n]! | (bytes[n + 1]! << 8) | (bytes[n + 2]! << 16) | (bytes[n + 3]! << 24);
    crc =
      TABLES[768 + (crc & 255)]! ^
      TABLES[512 + ((crc >>> 8) & 255)]! ^
      TABLES[256 + ((crc >>> 16) & 255)]! ^
      TABLES[crc >>> 24]!;
    n += 4;
  }
  for (; n < bytes.length; n++) crc = TABLES[(crc ^ bytes[n]!) & 255]! ^ (crc >>> 8);
  return ~crc >>> 0;
}
