/** Thread of `medDataset`: answers each task with a row. */
import { answerTasks } from './answer_tasks.ts';
import { describeFile } from './describe_file.ts';

answerTasks(describeFile);
