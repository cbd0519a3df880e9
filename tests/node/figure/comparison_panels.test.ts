import { expect, it } from 'vitest';
import { comparisonLayout, comparisonSvg } from '../../../src/node/figure/comparison_panels.ts';

const slice = {
  width: 3,
  height: 2,
  values: Float32Array.of(0, 1, 2, 0, 0, 2),
  pixelWidth: 1,
  pixelHeight: 2,
};
const drawing = {
  heading: 'a <b> & "c"',
  panels: [{ caption: 'ground truth', picture: slice, labels: slice }],
  edges: ['R', 'L'] as const,
  legend: [],
  foot: 'axial',
};

it('text from outside is escaped', () => {
  const svg = comparisonSvg({ ...drawing, legend: [{ value: 1, text: '</text><script>' }] });
  expect(svg).toContain('a &lt;b&gt; &amp; &quot;c&quot;');
  expect(svg).toContain('&lt;/text&gt;&lt;script&gt;');
  expect(svg).not.toContain('<script>');
});

it('a long legend has as many rows as it needs', () => {
  const legend = Array.from({ length: 20 }, (_, n) => ({ value: n + 1, text: 'a name'.repeat(9) }));
  const height = (svg: string) => Number(/height="(\d+)"/.exec(svg)![1]);
  const rows = height(comparisonSvg({ ...drawing, legend })) - height(comparisonSvg(drawing));
  expect(rows).toBeGreaterThan(200);
  const long = comparisonSvg({ ...drawing, legend });
  expect(long).not.toContain('a name'.repeat(9));
  for (const [, x] of long.matchAll(/<rect x="([\d.-]+)"[^>]*rx="2"/g)) {
    expect(Number(x)).toBeGreaterThanOrEqual(0);
  }
});

it('a narrow panel leaves room for the heading', () => {
  expect(comparisonLayout({ ...slice, pixelWidth: 0.01 }, 1).width).toBeGreaterThanOrEqual(420);
});
