import { gzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../src/errors.ts';
import { crc32 } from '../../src/io/crc32.ts';
import { gunzip, gunzipHead, isGzip } from '../../src/io/gzip.ts';
import { cpuTime } from '../helpers/cpu_time.ts';

const text = new TextEncoder().encode('voxels and millimetres, '.repeat(5000));
const packed = gzipSync(text, { mtime: 0 });
const all = () => ({ keep: text.length, limit: text.length });

function join(...parts: Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** toEqual takes a quarter of a second for so many bytes. */
function expectBytes(actual: Uint8Array, expected: Uint8Array, what = 'bytes'): void {
  expect(actual.length, what).toBe(expected.length);
  expect(Buffer.compare(actual, expected), what).toBe(0);
}

function random(length: number): Uint8Array {
  let state = 1;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

describe('crc32', () => {
  it('gives the check value of the standard, in one piece or several', () => {
    const digits = new TextEncoder().encode('123456789');
    expect(crc32(digits)).toBe(0xcbf43926);
    expect(crc32(digits.subarray(2), crc32(digits.subarray(0, 2)))).toBe(0xcbf43926);
    expect(crc32(new Uint8Array(0))).toBe(0);
  });
});

describe('gunzip', () => {
  it('shows the plan the beginning and returns what it keeps', () => {
    let head = new Uint8Array(0);
    const bytes = gunzip(packed, 100, (beginning) => {
      head = beginning.slice(0, 100);
      return { keep: 50, limit: text.length };
    });
    expect(head).toEqual(text.slice(0, 100));
    expect(bytes).toEqual(text.slice(0, 50));
  });

  it('keeps all of incompressible data that spans many steps', () => {
    const noise = random(100_000);
    const plan = () => ({ keep: noise.length, limit: noise.length });
    expectBytes(gunzip(gzipSync(noise), 0, plan), noise);
  });

  it('ignores zero padding of any length', () => {
    for (const length of [1, 3, 4, 7, 8, 9, 11, 12, 13, 14, 64, 40_000]) {
      expectBytes(gunzip(join(packed, new Uint8Array(length)), 0, all), text, `${length} zeros`);
    }
  });

  it('joins members', () => {
    const [a, b, c] = [text.slice(0, 70), text.slice(70, 60_000), text.slice(60_000)];
    expectBytes(gunzip(join(gzipSync(a), gzipSync(b), gzipSync(c)), 0, all), text);
    const many = Array.from({ length: 200 }, (_, n) =>
      gzipSync(text.slice(600 * n, 600 * n + 600)),
    );
    expectBytes(gunzip(join(...many), 0, all), text);
  });

  it('reads nothing from a member of nothing', () => {
    const plan = () => ({ keep: 0, limit: 0 });
    expect(gunzip(gzipSync(new Uint8Array(0)), 540, plan).length).toBe(0);
  });

  it('skips name, comment, extra field and header checksum', () => {
    const flagged = packed.slice();
    flagged[3] = 0x1e;
    const fields = new TextEncoder().encode('\x02\x00xxname\0a comment\0??');
    const named = join(flagged.subarray(0, 10), fields, flagged.subarray(10));
    expectBytes(gunzip(named, 0, all), text);
  });

  it.each([
    ['a cut stream', packed.subarray(0, packed.length >> 1)],
    ['a missing trailer', packed.subarray(0, -8)],
    ['half a trailer', packed.subarray(0, -4)],
    ['a header alone', packed.subarray(0, 10)],
    ['a wrong CRC', changed(packed, packed.length - 8)],
    ['a wrong length', changed(packed, packed.length - 4)],
    ['a wrong CRC in the first of two members', join(changed(packed, packed.length - 8), packed)],
    ['foreign bytes after the stream', join(packed, new TextEncoder().encode('<html></html>'))],
    ['an invalid block', join(packed.subarray(0, 10), new Uint8Array(40).fill(0xff))],
  ])('refuses %s', (_, bytes) => {
    const generous = () => ({ keep: 10, limit: 10 * text.length });
    expect(() => gunzip(bytes, 0, generous)).toThrow(FormatError);
  });

  it('never returns other data for a single changed bit', () => {
    const small = gzipSync(text.slice(0, 300), { mtime: 0 });
    const plan = () => ({ keep: 300, limit: 10_000 });
    let refused = 0;
    for (let bit = 80; bit < 8 * small.length; bit++) {
      const bytes = small.slice();
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      let read: Uint8Array | undefined;
      try {
        read = gunzip(bytes, 0, plan);
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
        refused++;
      }
      if (read) expect(read, `bit ${bit}`).toEqual(text.slice(0, 300));
    }
    // All but the unused bits after the last symbol, fewer than 8.
    expect(refused).toBeGreaterThan(8 * small.length - 80 - 8);
  });

  it('stops a bomb at its limit, long before all of it is inflated', () => {
    const zeros = gzipSync(new Uint8Array(1 << 24), { level: 1 });
    const read = () => gunzip(zeros, 0, () => ({ keep: 100, limit: 1000 }));
    expect(cpuTime(() => expect(read).toThrow(/more than/))).toBeLessThan(500);
  });

  it('gives up on headers without end and on members without number', () => {
    const endless = new Uint8Array(4_000_000).fill(0x61);
    endless.set([0x1f, 0x8b, 8, 8]);
    const members = join(...new Array(40_000).fill(gzipSync(new Uint8Array(0))));
    for (const bytes of [endless, members]) {
      const read = () => gunzip(bytes, 0, () => ({ keep: 10, limit: 1000 }));
      expect(cpuTime(() => expect(read).toThrow(FormatError))).toBeLessThan(2000);
    }
  });

  it('does not allocate what the compressed bytes cannot hold', () => {
    const plan = () => ({ keep: 2 ** 40, limit: 2 ** 41 });
    expect(() => gunzip(packed, 0, plan)).toThrow(/truncated/);
  });

  it('passes on what the plan throws', () => {
    const refuse = () => {
      throw new FormatError('too large');
    };
    expect(() => gunzip(packed, 0, refuse)).toThrow('too large');
  });
});

describe('gunzipHead', () => {
  it('returns the beginning even when the rest is missing or damaged', () => {
    expect(gunzipHead(changed(packed, packed.length - 8), 64).slice(0, 64)).toEqual(
      text.slice(0, 64),
    );
    const noise = random(200_000);
    const cut = gzipSync(noise).subarray(0, 100_000);
    expect(gunzipHead(cut, 540).slice(0, 540)).toEqual(noise.slice(0, 540));
    const stored = gzipSync(noise, { level: 0 }).subarray(0, 100_000);
    expect(gunzipHead(stored, 540).slice(0, 540)).toEqual(noise.slice(0, 540));
    expect(gunzipHead(packed.subarray(0, 10), 540).length).toBe(0);
  });
});

describe('isGzip', () => {
  it('goes by the first bytes', () => {
    expect(isGzip(packed)).toBe(true);
    expect(isGzip(packed.subarray(0, 2))).toBe(false);
    expect(isGzip(text)).toBe(false);
  });
});

function changed(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  copy[at]! ^= 1;
  return copy;
}
