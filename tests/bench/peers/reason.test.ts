import { expect, test } from 'vitest';
import { reasonOf } from '../../../bench/peers/reason.ts';

test.each([
  ['timeout after 600 s', 'timeout'],
  ["ended with exit code 1: ModuleNotFoundError: No module named 'torch'", 'not installed'],
  ['does not start: spawn python3 ENOENT', 'not installed'],
  ['Dispatch workgroup count X (131072) exceeds max compute workgroups', 'dispatch size'],
  [
    'while running ConvTranspose node: Only Conv2d or Conv1d are supported.',
    'transposed convolution',
  ],
  ['Binding size (134217732) is larger than the maximum binding size', 'buffer size'],
  ['std::bad_alloc', 'memory'],
  ['ended with SIGSEGV', 'crash'],
  ['Error while parsing WGSL: :3:4 error', 'shader'],
])('%s is in a word: %s', (message, word) => {
  expect(reasonOf(message)).toBe(word);
});

test('another error keeps the beginning of its first line, harmless in a table', () => {
  expect(reasonOf('a | b\nmore')).toBe('a / b');
  expect(reasonOf('x'.repeat(100))).toHaveLength(40);
});
