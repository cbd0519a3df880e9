import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { type Report, reportHtml } from '../../src/node/report.ts';
import { labelledEvaluation } from '../../src/train/evaluation.ts';

const metrics = { dsc: 0.5, hd95: Number.NaN, sens: 1, ldr: 1, rve: 0, hd95_mm: 4.5 };
const HOSTILE = `"><script>alert('x')</script><img src=http://example.org onerror=alert(1)>`;

const page = (options: Partial<Report> = {}): string =>
  reportHtml({
    title: 'a <b> & c',
    summary: ['one sentence'],
    evaluation: labelledEvaluation([{ name: 'scan', byLabel: new Map([[1, metrics]]) }], [1]),
    figures: [{ caption: 'picture', png: Uint8Array.of(137, 80, 78, 71) }],
    facts: [['patch', '32 × 32 × 32']],
    ...options,
  });

test('the page holds everything it shows', () => {
  const html = page({ boxPlots: '<svg></svg>', commands: ['voxgrad demo'] });
  expect(html).toContain('<title>a &lt;b&gt; &amp; c</title>');
  expect(html).toContain('data:image/png;base64,iVBORw==');
  expect(html).toContain('<td data-value="0.5">0.500</td><td data-value="">–</td>');
  expect(html).toContain('<th>HD95 (voxels)</th>');
  expect(html).toContain('<button type="button">HD95 (mm)</button>');
  expect(html).toContain('<figure><svg></svg></figure>');
  expect(html).toContain('voxgrad demo');
  expect(html).not.toMatch(/<[^>]*\s(src|href)="(?!data:)/);
});

test('nothing that came from outside becomes markup', () => {
  const evaluation = labelledEvaluation(
    [
      {
        name: HOSTILE,
        byLabel: new Map([
          [1, metrics],
          [2, metrics],
        ]),
      },
    ],
    [1, 2],
    new Map([[1, HOSTILE]]),
  );
  const html = page({
    title: HOSTILE,
    summary: [HOSTILE],
    evaluation,
    figures: [{ caption: HOSTILE, png: Uint8Array.of(1) }],
    facts: [[HOSTILE, HOSTILE]],
    commands: [HOSTILE],
  });
  expect(html.match(/<script/g)).toHaveLength(1);
  expect(html.match(/<img /g)).toHaveLength(1);
  expect(html).not.toContain('<img src=http');
});

test('the policy allows no origin, and of scripts the page’s own', () => {
  const html = page();
  const [, script] = /<script>([\s\S]*)<\/script>/.exec(html)!;
  const hash = createHash('sha256').update(script!).digest('base64');
  const [, policy] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)!;
  expect(policy).toContain(`script-src 'sha256-${hash}'`);
  expect(policy).toContain("default-src 'none'");
});

test('several labels have a row in the summary and a table of cases each, by name', () => {
  const byLabel = new Map([
    [1, metrics],
    [2, { ...metrics, dsc: 0.7 }],
  ]);
  const evaluation = labelledEvaluation(
    [
      { name: 'a', byLabel },
      { name: 'b', byLabel },
    ],
    [1, 2],
    new Map([[2, 'vein']]),
  );
  const html = page({ evaluation });
  expect(html.match(/<h3>(.*?)<\/h3>/g)).toEqual([
    '<h3>label 1</h3>',
    '<h3>vein</h3>',
    '<h3>mean over labels</h3>',
  ]);
  expect(html).toContain('<tr><td>vein</td><td>0.700 ± 0.000</td><td>–</td>');
});
