import { expect, test } from 'vitest';
import { RunningJob } from '../../src/browser/job.ts';

test('a loop gets all that is told from its beginning on, and ends with the job', async () => {
  const job = new RunningJob<string, number>(1);
  const seen: number[] = [];
  const loop = (async () => {
    for await (const progress of job) seen.push(progress);
  })();
  for (const n of [1, 2, 3]) job.report(n);
  await Promise.resolve();
  job.report(4);
  job.resolve('done');
  await loop;
  expect(seen).toEqual([1, 2, 3, 4]);
  expect(await job.result).toBe('done');
});

test('a loop that comes later begins with the latest, and several loops may run', async () => {
  const job = new RunningJob<string, number>(1);
  job.report(1);
  job.report(2);
  const collect = async (): Promise<number[]> => {
    const seen: number[] = [];
    for await (const progress of job) seen.push(progress);
    return seen;
  };
  const loops = [collect(), collect()];
  await Promise.resolve();
  job.report(3);
  job.resolve('done');
  expect(await Promise.all(loops)).toEqual([
    [2, 3],
    [2, 3],
  ]);
});

test('breaking off a loop leaves the job alone', async () => {
  const job = new RunningJob<string, number>(1);
  job.report(1);
  for await (const progress of job) if (progress === 1) break;
  job.report(2);
  job.resolve('done');
  expect(await job.result).toBe('done');
});

test('a failure ends the loop and comes out of the result, also when it is awaited afterwards', async () => {
  const job = new RunningJob<string, number>(1);
  const failure = new Error('what went wrong');
  setTimeout(() => job.reject(failure));
  for await (const progress of job) throw new Error(`progress of nothing: ${progress}`);
  await new Promise((resolve) => setTimeout(resolve, 5));
  await expect(job.result).rejects.toBe(failure);
});

test('what is told after the end is left out', async () => {
  const job = new RunningJob<string, number>(1);
  job.resolve('done');
  job.report(1);
  for await (const progress of job) throw new Error(`progress after the end: ${progress}`);
});
