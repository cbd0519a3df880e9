/** Which files are DICOM, and how their images are stored: from the first bytes alone. */
const PREAMBLE = 128;
const HEAD_BYTES = 1024;

const text = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

async function head(file: Blob): Promise<Uint8Array> {
  return new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
}

const hasMagic = (bytes: Uint8Array): boolean =>
  text(bytes.subarray(PREAMBLE, PREAMBLE + 4)) === 'DICM';

/** Without a preamble, as some old devices write: group 8 or 2, a small element, a plausible length. */
function startsWithGroup(bytes: Uint8Array): boolean {
  if (bytes.length < 16) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [group, tag] = [view.getUint16(0, true), view.getUint16(2, true)];
  if ((group !== 8 && group !== 2) || tag > 0x20) return false;
  const isExplicit = /^[A-Z]{2}$/.test(text(bytes.subarray(4, 6)));
  return isExplicit || view.getUint32(4, true) <= 64;
}

/** Whether a file is DICOM; its name does not matter, they seldom have one that tells. */
export async function isDicom(file: Blob): Promise<boolean> {
  const bytes = await head(file);
  return hasMagic(bytes) || startsWithGroup(bytes);
}

/** UID of how the image is stored; undefined where a file does not tell. */
export async function transferSyntax(file: Blob): Promise<string | undefined> {
  const bytes = await head(file);
  if (!hasMagic(bytes)) return undefined;
  const view = new DataView(bytes.buffer);
  // The elements of group 2 are explicit and little-endian in every file.
  for (let at = PREAMBLE + 4; at + 12 <= bytes.length; ) {
    if (view.getUint16(at, true) !== 2) return undefined;
    const element = view.getUint16(at + 2, true);
    const isLong = ['OB', 'UN', 'OW'].includes(text(bytes.subarray(at + 4, at + 6)));
    const length = isLong ? view.getUint32(at + 8, true) : view.getUint16(at + 6, true);
    const start = at + (isLong ? 12 : 8);
    if (element === 0x10) return text(bytes.subarray(start, start + length)).replace(/[\0 ]+$/, '');
    at = start + length;
  }
  return undefined;
}

/** Ways of storing images that the converter cannot read. */
const BEYOND: Readonly<Record<string, string>> = {
  '1.2.840.10008.1.2.1.99': 'deflate',
  '1.2.840.10008.1.2.4.51': 'JPEG with 12 bits',
  '1.2.840.10008.1.2.4.92': 'JPEG 2000, part 2',
  '1.2.840.10008.1.2.4.93': 'JPEG 2000, part 2',
  '1.2.840.10008.1.2.4.201': 'High-Throughput JPEG 2000',
  '1.2.840.10008.1.2.4.202': 'High-Throughput JPEG 2000',
  '1.2.840.10008.1.2.4.203': 'High-Throughput JPEG 2000',
};
const VIDEO = /^1\.2\.840\.10008\.1\.2\.4\.10[0-8]$/;

/** The compression that a file has and the converter cannot undo; undefined for all others. */
export function unreadableCompression(uid: string | undefined): string | undefined {
  if (uid === undefined) return undefined;
  return VIDEO.test(uid) ? 'video' : BEYOND[uid];
}
