/** The frame of a report: one HTML file that loads nothing, runs one known script, and follows light and dark. */
import { createHash } from 'node:crypto';
import { escapeXml as escapeHtml } from './figure/render_svg.ts';

const STYLE = `
:root { color-scheme: light dark; --line: #8884; --accent: #2c8a63; }
body { font: 16px/1.55 system-ui, sans-serif; max-width: 66rem; margin: 2.5rem auto; padding: 0 1.25rem; }
h1 { font-size: 1.7rem; margin-bottom: .3rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin-top: 2.2rem; border-bottom: 1px solid var(--line); padding-bottom: .25rem; }
h3 { font-size: 1rem; margin: 1.6rem 0 .4rem; }
p { overflow-wrap: anywhere; }
table { border-collapse: collapse; font-size: .95rem; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .75rem .3rem 0; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
tfoot td { font-weight: 600; border-bottom: none; }
th button { font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; }
th button:hover { color: var(--accent); }
th[aria-sort=ascending] button::after { content: " ▲"; font-size: .7em; }
th[aria-sort=descending] button::after { content: " ▼"; font-size: .7em; }
.facts td { white-space: normal; text-align: left; overflow-wrap: anywhere; vertical-align: top; }
figure { margin: 1.2rem 0; }
img, svg { max-width: 100%; height: auto; }
img { border-radius: 6px; }
svg { width: 56rem; }
figcaption { font-size: .9rem; opacity: .75; overflow-wrap: anywhere; }
pre { overflow-x: auto; padding: .8rem 1rem; border: 1px solid var(--line); border-radius: 6px; }
.overflow { overflow-x: auto; }
`;

/** A click on a heading sorts by its column, a second one the other way round; what has no value stays last. */
const SCRIPT = `
for (const table of document.querySelectorAll('table.sortable')) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => head.firstChild.addEventListener('click', () => {
    const down = head.ariaSort === 'ascending';
    for (const other of heads) other.ariaSort = null;
    head.ariaSort = down ? 'descending' : 'ascending';
    const key = ({ cells }) => cells[column].dataset.value ?? cells[column].textContent;
    const rows = [...table.tBodies[0].rows].sort((a, b) => {
      const [x, y] = [key(a), key(b)];
      if (x === '' || y === '') return (x === '') - (y === '');
      return (down ? -1 : 1) * (column ? x - y : x.localeCompare(y, 'en', { numeric: true }));
    });
    table.tBodies[0].append(...rows);
  }));
}
`;

/** Nothing from any origin; of scripts the one above alone, whatever else got into the page. */
const POLICY = [
  "default-src 'none'",
  'img-src data:',
  "style-src 'unsafe-inline'",
  `script-src 'sha256-${createHash('sha256').update(SCRIPT).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/**
 * A whole document.
 *
 * @param sections HTML, in which everything that came from outside is escaped
 */
export function reportPage(title: string, sections: readonly string[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
${sections.join('\n')}
<script>${SCRIPT}</script>
</body>
</html>
`;
}
