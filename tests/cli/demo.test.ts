import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { inTemporaryFolder, runCli } from '../helpers/cli.ts';

test('the demo goes from nothing to a report with metrics and pictures, and again in the same folder', async () => {
  await inTemporaryFolder(async (folder) => {
    const out = join(folder, 'demo');
    for (const steps of ['2', '1']) {
      const { code, stdout, stderr } = await runCli([
        'demo',
        '--out',
        out,
        '--steps',
        steps,
        '--json',
      ]);
      expect(stderr).not.toContain('error');
      expect(code).toBe(0);
      const result = JSON.parse(stdout);
      expect(result.evaluation.cases.length).toBe(4);
      expect(result.training.steps).toBe(Number(steps));
      const html = await readFile(result.report, 'utf8');
      expect(html.match(/<img src="data:image\/png;base64,/g)?.length).toBeGreaterThanOrEqual(2);
      expect(html).not.toMatch(/(src|href)="(?!data:)/);
      for (const { name } of result.evaluation.cases) expect(html).toContain(name);
    }
  });
});
