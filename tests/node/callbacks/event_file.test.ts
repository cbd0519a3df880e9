import { expect, it } from 'vitest';
import { fileHeader, scalars, sessionStart } from '../../../src/node/callbacks/event_file.ts';
import { readEvents } from '../../helpers/read_events.ts';

it('is read back by a decoder of its own, checksums included', () => {
  const file = Buffer.concat([
    fileHeader(1.5),
    sessionStart(2.5, 7),
    scalars(3.25, 123_456_789, { train_loss: 0.5, lr: 1e-3 }),
  ]);
  expect(readEvents(file)).toEqual([
    { wallTime: 1.5, step: 0, fileVersion: 'brain.Event:2', values: {} },
    { wallTime: 2.5, step: 7, session: 1, values: {} },
    {
      wallTime: 3.25,
      step: 123_456_789,
      values: { train_loss: 0.5, lr: Math.fround(1e-3) },
    },
  ]);
  file[file.length - 6]! ^= 1;
  expect(() => readEvents(file)).toThrow('damaged frame');
});

it('begins with the bytes that event.proto asks for', () => {
  const bytes = Buffer.from(fileHeader(1));
  expect(bytes.subarray(0, 8).toString('hex')).toBe('1800000000000000');
  expect(bytes.subarray(12, 36).toString('hex')).toBe(
    `09000000000000f03f1a0d${Buffer.from('brain.Event:2').toString('hex')}`,
  );
  expect(bytes.length).toBe(16 + 24);
});

it('leaves out what is not finite', () => {
  const [event] = readEvents(scalars(1, 1, { a: Number.NaN, b: Number.POSITIVE_INFINITY, c: 2 }));
  expect(event!.values).toEqual({ c: 2 });
});
