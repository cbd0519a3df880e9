import { expect, test } from 'vitest';
import { reportHtml } from '../../src/node/report.ts';
import { labelledEvaluation } from '../../src/train/evaluation.ts';

test('the page holds everything it shows, and nothing in a name becomes markup', () => {
  const metrics = { dsc: 0.5, hd95: Number.NaN, sens: 1, ldr: 1, rve: 0, hd95_mm: 4.5 };
  const html = reportHtml({
    title: 'a <b> & c',
    summary: ['one sentence'],
    evaluation: labelledEvaluation([{ name: '<script>', byLabel: new Map([[1, metrics]]) }], [1]),
    figures: [{ caption: 'picture', png: Uint8Array.of(137, 80, 78, 71) }],
    facts: [['patch', '32 × 32 × 32']],
  });
  expect(html).toContain('<title>a &lt;b&gt; &amp; c</title>');
  expect(html).not.toContain('<script>');
  expect(html).toContain('data:image/png;base64,iVBORw==');
  expect(html).toContain('<td>0.500</td><td>–</td>');
  expect(html).toContain('<th>HD95 (voxels)</th>');
  expect(html).toContain('<th>HD95 (mm)</th>');
  expect(html).toContain('<td>4.500</td></tr>');
});
