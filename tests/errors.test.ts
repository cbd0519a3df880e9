import { expect, test } from 'vitest';
import * as errors from '../src/errors.ts';
import { ConfigError, errorOf, FormatError, plainError, VoxgradError } from '../src/errors.ts';

const classes = Object.entries(errors).filter(
  (entry): entry is [string, typeof VoxgradError] => entry[1].prototype instanceof VoxgradError,
);

test('every class has its name written out, and comes back from another thread as itself', () => {
  expect(classes.length).toBeGreaterThan(6);
  for (const [name, ErrorClass] of classes) {
    const error = new ErrorClass('what is wrong');
    expect(error.name).toBe(name);
    expect(Object.hasOwn(error, 'name')).toBe(true);
    const copy = errorOf(structuredClone(plainError(error)));
    expect(copy).toBeInstanceOf(ErrorClass);
    expect(copy.constructor).toBe(ErrorClass);
    expect(copy.message).toBe('what is wrong');
  }
});

test('the name does not hang on the name of the class, which a build may shorten', () => {
  const shortened = { t: class extends FormatError {} };
  expect(new shortened.t('x').name).toBe('FormatError');
});

test('foreign errors keep their name and message, and what is no error becomes one', () => {
  const error = errorOf(plainError(new RangeError('Array buffer allocation failed')));
  expect(error.name).toBe('RangeError');
  expect(error.message).toBe('Array buffer allocation failed');
  expect(errorOf(plainError('thrown text')).message).toBe('thrown text');
  expect(errorOf({ name: 'toString', message: 'x' }).name).toBe('toString');
  expect(errorOf(plainError(undefined)).message).toBe('undefined');
});

test('fields of an error cross with it, its cause does not', () => {
  const cause = new Error('inner');
  const suggestion = { patchSize: [8, 8, 8] };
  const error = Object.assign(new ConfigError('too large', { cause }), { needed: 5, suggestion });
  const copy = errorOf(structuredClone(plainError(error)));
  expect(copy).toBeInstanceOf(ConfigError);
  expect(copy).toMatchObject({ name: 'ConfigError', needed: 5, suggestion });
  expect(copy.cause).toBeUndefined();
});
