/** Thread of `preprocessDataset`: answers each task with the sizes of the files that it wrote. */
import { answerTasks } from '../answer_tasks.ts';
import { preprocessSubject } from './preprocess_subject.ts';

answerTasks(preprocessSubject);
