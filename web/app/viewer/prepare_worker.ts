/** Unpacks scans and label maps beside the page, so that the page only draws. */
import { readNifti } from '../../../src/index.ts';
import { differences, type LabelMap, labelMap } from './label_map.ts';
import { type Grid, type ScanImage, scanImage } from './scan_image.ts';

export interface Tasks {
  scan: { question: { file: Blob }; answer: ScanImage };
  labels: { question: { file: Blob; grid: Grid; name: string }; answer: LabelMap };
  differences: {
    question: { prediction: LabelMap; truth: LabelMap; grid: Grid };
    answer: LabelMap;
  };
}
export type Task = keyof Tasks;

export type Question = {
  [T in Task]: { readonly id: number; readonly task: T } & Readonly<Tasks[T]['question']>;
}[Task];

export type Answer =
  | { readonly id: number; readonly answer: ScanImage | LabelMap }
  | { readonly id: number; readonly error: string };

const read = async (file: Blob) => readNifti(new Uint8Array(await file.arrayBuffer()));

async function prepare(question: Question): Promise<ScanImage | LabelMap> {
  if (question.task === 'scan') return scanImage(await read(question.file));
  if (question.task === 'labels') {
    return labelMap(await read(question.file), question.grid, question.name);
  }
  return differences(question.prediction, question.truth, question.grid);
}

addEventListener('message', async ({ data: question }: MessageEvent<Question>) => {
  const { id } = question;
  try {
    const answer = await prepare(question);
    const voxels = 'data' in answer ? answer.data : answer.indices;
    postMessage({ id, answer } satisfies Answer, { transfer: [voxels.buffer] });
  } catch (error) {
    postMessage({ id, error: (error as Error).message } satisfies Answer);
  }
});
