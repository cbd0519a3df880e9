import { decode } from 'fast-png';
import { expect, it } from 'vitest';
import { escapeXml, renderSvg } from '../../../src/node/figure/render_svg.ts';

const svg = (content: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="80" height="30"><rect width="80" height="30" fill="white"/>${content}</svg>`;

function darkPixels(png: Uint8Array): number {
  const { data, channels } = decode(png);
  let dark = 0;
  for (let at = 0; at < data.length; at += channels) if (data[at]! < 128) dark++;
  return dark;
}

it('scales to pixels', () => {
  const { width, height } = decode(renderSvg(svg(''), 3));
  expect([width, height]).toEqual([240, 90]);
});

it('has text without any system font', () => {
  const text = '<text x="5" y="20" font-family="sans-serif" font-size="16">Dice</text>';
  expect(darkPixels(renderSvg(svg(text)))).toBeGreaterThan(100);
  expect(darkPixels(renderSvg(svg('')))).toBe(0);
});

it('escapes what would end an element or an attribute', () => {
  expect(escapeXml('a<b & "c">')).toBe('a&lt;b &amp; &quot;c&quot;&gt;');
});

it('draws text with characters that no XML document may hold', () => {
  const text = escapeXml('a\u0000\u001b[31m\ud800\uffff\u{1f9e0}b\n');
  expect(text).toBe('a\ufffd\ufffd[31m\ufffd\ufffd\u{1f9e0}b\n');
  expect(darkPixels(renderSvg(svg(`<text x="5" y="20">${text}</text>`)))).toBeGreaterThan(0);
});
