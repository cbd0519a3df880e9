/**
 * Gzip reading that a hostile file cannot make expensive: output is bounded before it exists,
 * and unlike fflate alone it checks CRC and length, so that a damaged scan is never used.
 */
import { Gunzip } from 'fflate';
import { FormatError } from '../errors.ts';
import { crc32 } from './crc32.ts';

/** How much of the output to keep, and after how many bytes to give up. */
export interface InflatePlan {
  readonly keep: number;
  readonly limit: number;
}

/** Deflate cannot shrink data further than 1032:1. */
export const MAX_RATIO = 1032;
/** Compressed bytes per step: small while data shrinks like a bomb's, large for ordinary scans. */
const SMALL_STEP = 1 << 12;
const LARGE_STEP = 1 << 16;
/** Output per compressed byte above which steps are small. */
const HIGH_RATIO = 64;
/** Compressed bytes without output or a new member: more than any block or header of an honest file. */
const MAX_SILENT_BYTES = 1 << 18;
/** 2 GB in the smallest members that programs write. */
const MAX_MEMBERS = 1 << 15;
const TRAILER_BYTES = 8;

export function isGzip(bytes: Uint8Array): boolean {
  return bytes.length >= 3 && bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8;
}

/**
 * Inflates all members of a gzip file and returns the first `keep` bytes of the result.
 * `plan` sees the first `headBytes` bytes (fewer if there are no more) and decides; nothing larger
 * than one step is allocated before it has. Zero padding after the last member is ignored.
 * Throws FormatError for truncated or damaged data, a wrong CRC or length, foreign bytes after
 * the last member, and output beyond the plan's limit.
 */
export function gunzip(
  bytes: Uint8Array,
  headBytes: number,
  plan: (head: Uint8Array) => InflatePlan,
): Uint8Array {
  const sink = new Sink(bytes.length, headBytes, plan);
  let crc = 0;
  let size = 0;
  let members = 1;
  const stream = new Gunzip((chunk) => {
    crc = crc32(chunk, crc);
    size += chunk.length;
    sink.write(chunk);
  });
  stream.onmember = (offset) => {
    if (!hasTrailer(bytes, offset - TRAILER_BYTES, crc, size)) damaged(bytes);
    if (++members > MAX_MEMBERS) damaged(bytes);
    crc = 0;
    size = 0;
  };
  const contentEnd = endWithoutPadding(bytes);
  // Trailer and an empty deflate block may themselves end in zeros: keep room for them.
  feed(
    stream,
    bytes,
    Math.min(bytes.length, contentEnd + TRAILER_BYTES + 4),
    () => sink.total + members,
    true,
  );
  const lastEnd = Math.min(bytes.length, contentEnd + TRAILER_BYTES + 1);
  for (let end = contentEnd; end <= lastEnd; end++) {
    if (hasTrailer(bytes, end - TRAILER_BYTES, crc, size)) return sink.finish();
  }
  return damaged(bytes);
}

/** At least the first `count` inflated bytes, fewer if there are no more; the rest is not looked at. */
export function gunzipHead(bytes: Uint8Array, count: number): Uint8Array {
  const sink = new Sink(bytes.length, count, () => ({ keep: count, limit: Number.MAX_VALUE }));
  const stream = new Gunzip((chunk) => sink.write(chunk));
  const total = () => sink.total;
  feed(stream, bytes, bytes.length, total, false, () => sink.total >= count);
  return sink.finish();
}

/** Collects output: whole chunks until the plan is known, then one array of exactly `keep` bytes. */
class Sink {
  total = 0;
  private pending: Uint8Array[] = [];
  private kept: Uint8Array | undefined;
  private limit = Number.MAX_VALUE;
  private readonly compressedBytes: number;
  private readonly headBytes: number;
  private readonly plan: (head: Uint8Array) => InflatePlan;

  constructor(compressedBytes: number, headBytes: number, plan: (head: Uint8Array) => InflatePlan) {
    this.compressedBytes = compressedBytes;
    this.headBytes = headBytes;
    this.plan = plan;
  }

  write(chunk: Uint8Array): void {
    if (this.kept) this.store(chunk, this.total);
    else this.pending.push(chunk);
    this.total += chunk.length;
    if (!this.kept && this.total >= this.headBytes) this.decide();
    if (this.total > this.limit) {
      throw new FormatError(
        `gunzip: the file inflates to more than its header announces. ${this.total} bytes and more from ${this.compressedBytes}. Check where the file comes from.`,
      );
    }
  }

  finish(): Uint8Array {
    if (!this.kept) this.decide();
    return this.kept!.subarray(0, Math.min(this.total, this.kept!.length));
  }

  private decide(): void {
    const head = new Uint8Array(this.total);
    let at = 0;
    for (const chunk of this.pending) {
      head.set(chunk, at);
      at += chunk.length;
    }
    const { keep, limit } = this.plan(head);
    if (keep > this.compressedBytes * MAX_RATIO) {
      throw new FormatError(
        `gunzip: the compressed data is truncated. ${this.compressedBytes} bytes cannot hold the ${keep} that the header announces. Fetch the file again.`,
      );
    }
    this.limit = limit;
    this.kept = new Uint8Array(keep);
    this.pending = [];
    this.store(head, 0);
  }

  private store(chunk: Uint8Array, at: number): void {
    const kept = this.kept!;
    if (at < kept.length) kept.set(chunk.subarray(0, kept.length - at), at);
  }
}

function feed(
  stream: Gunzip,
  bytes: Uint8Array,
  end: number,
  progress: () => number,
  whole: boolean,
  enough: () => boolean = () => false,
): void {
  try {
    let step = SMALL_STEP;
    let silent = 0;
    for (let at = 0; at < end && !enough(); ) {
      const next = Math.min(at + step, end);
      const before = progress();
      stream.push(bytes.subarray(at, next), whole && next === end);
      const produced = progress() - before;
      silent = produced > 0 ? 0 : silent + next - at;
      if (silent > MAX_SILENT_BYTES) damaged(bytes);
      step = produced > HIGH_RATIO * step ? SMALL_STEP : LARGE_STEP;
      at = next;
    }
  } catch (error) {
    if (error instanceof FormatError) throw error;
    const code = (error as { code?: number }).code;
    // Bytes after a member that start no other: padding or rubbish, which the trailer check tells apart.
    if (code === INVALID_HEADER && isGzip(bytes)) return;
    throw new FormatError(
      `gunzip: ${code === UNEXPECTED_END ? 'unexpected end of the gzip stream' : 'the gzip stream is damaged'}. Got ${bytes.length} compressed bytes. Fetch the file again.`,
      { cause: error },
    );
  }
}

/** fflate's FlateErrorCode. */
const UNEXPECTED_END = 0;
const INVALID_HEADER = 6;

function endWithoutPadding(bytes: Uint8Array): number {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return end;
}

/** Whether CRC and length of a finished member stand at `offset`. */
function hasTrailer(bytes: Uint8Array, offset: number, crc: number, size: number): boolean {
  if (offset < 0 || offset + TRAILER_BYTES > bytes.length) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, TRAILER_BYTES);
  return view.getUint32(0, true) === crc && view.getUint32(4, true) === size >>> 0;
}

function damaged(bytes: Uint8Array): never {
  throw new FormatError(
    `gunzip: CRC or length mismatch. ${bytes.length} compressed bytes, damaged, cut off or followed by foreign data. Fetch the file again.`,
  );
}
