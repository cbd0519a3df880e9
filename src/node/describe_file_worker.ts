/** Thread of `medDataset`: answers each task with a row. */
import { parentPort } from 'node:worker_threads';
import { type DescribeTask, describeFile } from './describe_file.ts';

parentPort?.on('message', async (task: DescribeTask) => {
  parentPort?.postMessage(await describeFile(task));
});
