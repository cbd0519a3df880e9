/** Thread of data loaders: answers each task with a preprocessed subject, whose voxels it gives away. */
import type { Subject } from '../patch/subject.ts';
import { answerTasks } from './answer_tasks.ts';
import { loadSubject } from './load_subject.ts';

function buffersOf({ image, label }: Subject): ArrayBuffer[] {
  const buffers = [image, label].flatMap((volume) => (volume ? [volume.data.buffer] : []));
  return [...new Set(buffers)] as ArrayBuffer[];
}

answerTasks(loadSubject, buffersOf);
