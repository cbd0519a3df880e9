/** Reads a report that `bench --save` wrote. */
import { FormatError } from '../src/errors.ts';
import type { Report } from './report.ts';

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isTime = (value: unknown): boolean =>
  value === null || (typeof value === 'number' && value > 0);

const hasTimes = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.every((row) => isRecord(row) && Array.isArray(row.shape) && isTime(row.ms));

/** Checks what comparing needs. Throws FormatError for another kind of JSON. */
export function readReport(json: unknown): Report {
  const complete =
    isRecord(json) && isRecord(json.adapter) && hasTimes(json.rows) && hasTimes(json.network);
  if (!complete) {
    throw new FormatError(
      'readReport: this is no benchmark report. Adapter, rows or network are missing or malformed. Pass a file that bench --save wrote.',
    );
  }
  return json as unknown as Report;
}
