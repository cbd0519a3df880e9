import { expect, test } from 'vitest';
import { DECATHLON_TASKS, decathlonTask } from '../../../src/node/decathlon/tasks.ts';

test('a task is known by its name, its number and its organ', () => {
  for (const text of ['Task02_Heart', 'task02_heart', 'Task02', '02', '2', 'heart', ' Heart ']) {
    expect(decathlonTask(text).name).toBe('Task02_Heart');
  }
  expect(decathlonTask('10').name).toBe('Task10_Colon');
  expect(decathlonTask('1').name).toBe('Task01_BrainTumour');
});

test('what is no task is refused with a list of them', () => {
  for (const text of ['', '0', '11', 'Task02_Liver', 'task', '../Task02_Heart']) {
    expect(() => decathlonTask(text)).toThrow(/no such task.*Task01_BrainTumour.*Task10_Colon/);
  }
});

test('there are ten, in order, each with a checksum of its own', () => {
  expect(DECATHLON_TASKS.map(({ name }) => Number(name.slice(4, 6)))).toEqual([
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
  ]);
  expect(new Set(DECATHLON_TASKS.map(({ md5 }) => md5)).size).toBe(10);
  for (const { md5 } of DECATHLON_TASKS) expect(md5).toMatch(/^[0-9a-f]{32}$/);
});
