import type { Callback } from '../../train/callbacks/callback.ts';
import { historyCsv } from '../../train/history_csv.ts';
import { writeWholeFile } from '../whole_file.ts';

/**
 * Writes the table of epochs after each of them, the whole file each time: a resumed fit repeats no row.
 * The file is `history.csv` where nothing else is given.
 *
 * @throws ConfigError from the fit where the file cannot be written
 * @see fastai CSVLogger
 */
export function csvLogger({
  path = 'history.csv',
}: {
  /** Default `history.csv`. */
  readonly path?: string;
} = {}): Callback {
  return {
    name: 'csvLogger',
    beforeFit: ({ history }) => writeWholeFile(path, historyCsv(history)),
    afterEpoch: (_, { history }) => writeWholeFile(path, historyCsv(history)),
  };
}
