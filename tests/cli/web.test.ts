import { expect, it } from 'vitest';
import { runCli } from '../helpers/cli.ts';

it('a port that is none and an argument too many are errors before anything is served', async () => {
  const port = await runCli(['web', '--port', 'http']);
  expect(port.code).toBe(1);
  expect(port.stderr).toContain('--port');
  const folder = await runCli(['web', 'scans', '--no-open']);
  expect(folder.code).toBe(1);
  expect(folder.stdout).toBe('');
});
