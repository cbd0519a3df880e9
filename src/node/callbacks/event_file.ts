/**
 * The file that TensorBoard reads: TFRecord frames, each around one `tensorflow.Event` in protocol
 * buffers. Source: tensorflow/core/lib/io/record_writer and tensorflow/core/util/event.proto.
 */
import { crc32c } from '@aws-crypto/crc32c';
import protobuf from 'protobufjs/light.js';

/** Those parts of the messages that scalars need, under the numbers of event.proto and summary.proto. */
const root = protobuf.Root.fromJSON({
  nested: {
    Event: {
      fields: {
        wallTime: { type: 'double', id: 1 },
        step: { type: 'int64', id: 2 },
        fileVersion: { type: 'string', id: 3 },
        summary: { type: 'Summary', id: 5 },
        sessionLog: { type: 'SessionLog', id: 7 },
      },
    },
    Summary: { fields: { value: { rule: 'repeated', type: 'Value', id: 1 } } },
    Value: {
      fields: { tag: { type: 'string', id: 1 }, simpleValue: { type: 'float', id: 2 } },
    },
    SessionLog: { fields: { status: { type: 'uint32', id: 1 } } },
  },
});
const Event = root.lookupType('Event');

/** `SessionLog.START`: what earlier files have from this step on is not to be shown any more. */
const START = 1;

interface EventFields {
  /** Seconds since 1970. */
  readonly wallTime: number;
  readonly step?: number;
  readonly fileVersion?: string;
  readonly summary?: { readonly value: readonly { tag: string; simpleValue: number }[] };
  readonly sessionLog?: { readonly status: number };
}

/** Bytes of a frame: length, its checksum, the event, its checksum; little-endian. */
function frame(event: EventFields): Uint8Array {
  const data = Event.encode(event).finish();
  const bytes = new Uint8Array(16 + data.length);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc(bytes.subarray(0, 8)), true);
  bytes.set(data, 12);
  view.setUint32(12 + data.length, maskedCrc(data), true);
  return bytes;
}

/** Rotated and shifted, so that the checksum of data that holds checksums is no trap. */
function maskedCrc(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282_ead8) >>> 0;
}

/** What an event file begins with. @param wallTime seconds since 1970 */
export function fileHeader(wallTime: number): Uint8Array {
  return frame({ wallTime, fileVersion: 'brain.Event:2' });
}

/** Says that this file replaces what earlier ones have from `step` on. */
export function sessionStart(wallTime: number, step: number): Uint8Array {
  return frame({ wallTime, step, sessionLog: { status: START } });
}

/** Values of one step, by tag; those that are not finite are left out. */
export function scalars(
  wallTime: number,
  step: number,
  values: Readonly<Record<string, number>>,
): Uint8Array {
  const value = Object.entries(values)
    .filter(([, simpleValue]) => Number.isFinite(simpleValue))
    .map(([tag, simpleValue]) => ({ tag, simpleValue }));
  return frame({ wallTime, step, summary: { value } });
}
