/** Which scans are of one patient, so that no patient is on both sides of a split. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Patients by scan name, from the columns `id` and `patient` of a data set's subjects.csv; where
 * there is none, each scan is of a patient of its own.
 */
export async function patientsOf(root: string): Promise<(name: string) => string> {
  const path = join(root, 'subjects.csv');
  if (!existsSync(path)) return (name) => name;
  const [header, ...rows] = (await readFile(path, 'utf8')).trim().split(/\r?\n/);
  const columns = header!.split(',');
  const [id, patient] = [columns.indexOf('id'), columns.indexOf('patient')];
  if (id < 0 || patient < 0) return (name) => name;
  const patients = new Map(rows.map((row) => row.split(',')).map((row) => [row[id], row[patient]]));
  return (name) => patients.get(name) ?? name;
}
