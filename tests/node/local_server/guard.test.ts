import { expect, it } from 'vitest';
import { isOwnHost } from '../../../src/node/local_server/guard.ts';

it('a server for this machine answers to the names of this machine only', () => {
  expect(isOwnHost('localhost:5001', '127.0.0.1')).toBe(true);
  expect(isOwnHost('LOCALHOST', '127.0.0.1')).toBe(true);
  expect(isOwnHost('192.168.1.7:5001', '127.0.0.1')).toBe(false);
  for (const header of [undefined, '', ':5001']) expect(isOwnHost(header, '127.0.0.1')).toBe(false);
});

it('a server for the network answers to addresses, and to the name it was given', () => {
  expect(isOwnHost('192.168.1.7:5001', '0.0.0.0')).toBe(true);
  expect(isOwnHost('[fe80::1]:5001', '::')).toBe(true);
  expect(isOwnHost('lab.example:5001', 'lab.example')).toBe(true);
  expect(isOwnHost('evil.example:5001', '0.0.0.0')).toBe(false);
});
