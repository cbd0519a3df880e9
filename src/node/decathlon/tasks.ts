/** The ten tasks of the Medical Segmentation Decathlon, and what their archives must be. */
import { ConfigError } from '../../errors.ts';

export interface DecathlonTask {
  /** Of the archive, and of the folder in it. */
  readonly name: string;
  /** Of the archive. */
  readonly md5: string;
  /** About as large is the archive, for people. */
  readonly size: string;
}

/** Where MONAI keeps the archives; `<base>/<name>.tar`. */
export const DECATHLON_URL = 'https://msd-for-monai.s3-us-west-2.amazonaws.com';

/** Of all tasks, as medicaldecathlon.com says. */
export const DECATHLON_LICENCE = 'CC-BY-SA 4.0';

/** @see MONAI DecathlonDataset.resource and .md5 */
export const DECATHLON_TASKS = [
  { name: 'Task01_BrainTumour', md5: '240a19d752f0d9e9101544901065d872', size: '7 GB' },
  { name: 'Task02_Heart', md5: '06ee59366e1e5124267b774dbd654057', size: '0.4 GB' },
  { name: 'Task03_Liver', md5: 'a90ec6c4aa7f6a3d087205e23d4e6397', size: '27 GB' },
  { name: 'Task04_Hippocampus', md5: '9d24dba78a72977dbd1d2e110310f31b', size: '27 MB' },
  { name: 'Task05_Prostate', md5: '35138f08b1efaef89d7424d2bcc928db', size: '0.2 GB' },
  { name: 'Task06_Lung', md5: '8afd997733c7fc0432f71255ba4e52dc', size: '9 GB' },
  { name: 'Task07_Pancreas', md5: '4f7080cfca169fa8066d17ce6eb061e4', size: '11 GB' },
  { name: 'Task08_HepaticVessel', md5: '641d79e80ec66453921d997fbf12a29c', size: '9 GB' },
  { name: 'Task09_Spleen', md5: '410d4a301da4e5b2f6f86ec3ddba524e', size: '1.5 GB' },
  { name: 'Task10_Colon', md5: 'bad7a188931dc2f6acf72b08eb6202d0', size: '6 GB' },
] as const satisfies readonly DecathlonTask[];

export type DecathlonTaskName = (typeof DECATHLON_TASKS)[number]['name'];

/**
 * The task that a person means: `Task02_Heart`, `heart`, `Task02`, `02` or `2`.
 *
 * @throws ConfigError for anything else, listing the tasks
 */
export function decathlonTask(text: string): DecathlonTask {
  const wanted = text.trim().toLowerCase();
  const found = DECATHLON_TASKS.find(({ name }, index) => {
    const [number, organ] = name.toLowerCase().split('_') as [string, string];
    const known = [name.toLowerCase(), number, organ, number.slice('task'.length), `${index + 1}`];
    return known.includes(wanted);
  });
  if (found) return found;
  throw new ConfigError(
    `decathlonTask: no such task. Got '${text}'. Pass one of ${DECATHLON_TASKS.map(({ name }) => name).join(', ')}, its number or its organ.`,
  );
}
