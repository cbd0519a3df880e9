import { expect, it } from 'vitest';
import { runCli } from '../helpers/cli.ts';

it('a folder that is missing and a port that is none are errors before anything is served', async () => {
  const missing = await runCli(['ui', '/no/such/folder', '--no-open']);
  expect(missing.code).toBe(1);
  expect(missing.stderr).toContain('/no/such/folder');
  expect(missing.stdout).toBe('');
  const port = await runCli(['ui', '--port', 'http']);
  expect(port.code).toBe(1);
  expect(port.stderr).toContain('--port');
});
