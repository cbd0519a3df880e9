import { expect, test } from 'vitest';
import { runCli } from '../helpers/cli.ts';

test('every command has help with an example', async () => {
  const { code, stdout } = await runCli(['--help']);
  expect(code).toBe(0);
  const list = stdout.slice(stdout.indexOf('Commands:'));
  const commands = [...list.matchAll(/^ {2}([a-z-]+) {2,}[A-Z]/gm)].map((match) => match[1]!);
  expect(commands).toEqual([
    'doctor',
    'demo',
    'data',
    'preprocess',
    'lr-find',
    'train',
    'predict',
    'evaluate',
    'runs',
    'ui',
    'web',
    'mlflow',
    'bench',
  ]);
  for (const name of commands) {
    const help = await runCli([name, '--help']);
    expect(help.code, name).toBe(0);
    expect(help.stdout).toContain(`Example:\n  voxgrad ${name}`);
    expect(help.stdout).toContain('--json');
  }
});

test('an unknown command or option fails with a hint and leaves stdout empty', async () => {
  for (const args of [['segment'], ['doctor', '--fast'], ['evaluate']]) {
    const { code, stdout, stderr } = await runCli(args);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain('--help');
  }
});
