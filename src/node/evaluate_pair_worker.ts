/** Thread of `evaluateFiles`: answers each task with its metrics. */
import { answerTasks } from './answer_tasks.ts';
import { evaluatePair } from './evaluate_pair.ts';

answerTasks(evaluatePair);
