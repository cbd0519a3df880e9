import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { editedShader, expandIncludes, type ShaderFiles } from '../../../bench/lab/shader_text.ts';
import { ShaderError } from '../../../src/errors.ts';
import { type Shader, sourceLine } from '../../../src/gpu/shader.ts';
import * as wgsl from '../../../src/gpu/wgsl.generated.ts';

const folder = new URL('../../../shaders/', import.meta.url);
const files: ShaderFiles = Object.fromEntries(
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.wgsl'))
    .map((name) => [name.replaceAll('\\', '/'), readFileSync(new URL(name, folder), 'utf8')]),
);
const shaders = Object.values(wgsl) as readonly Shader[];

test('an unchanged file gives the text and the interface that the build embeds', () => {
  expect(shaders.length).toBeGreaterThan(70);
  for (const shader of shaders) {
    const code = expandIncludes(`${shader.name}.wgsl`, files[`${shader.name}.wgsl`]!, files);
    expect(code).toBe(shader.code);
    const edited = editedShader(shader, code, 'same');
    expect({ ...edited, name: shader.name }).toEqual(shader);
  }
});

test('a line of a changed file keeps its number, behind includes too', () => {
  const text = 'a\n//#include "common/linear_index.wgsl"\nhere';
  const code = expandIncludes('x.wgsl', text, files);
  const line = code.split('\n').indexOf('here') + 1;
  expect(sourceLine(code, line)).toBe('shaders/x.wgsl:3');
});

test('an include that is not there is named with its line', () => {
  const broken = '// y = x\n//#include "common/nothing.wgsl"';
  expect(() => expandIncludes('x.wgsl', broken, files)).toThrow(ShaderError);
  expect(() => expandIncludes('x.wgsl', broken, files)).toThrow('shaders/x.wgsl:2');
});

test('what a changed text lets a launcher set is read from it', () => {
  const code = wgsl.conv3dForwardNaive.code
    .replace(/override WORKGROUP_SIZE: u32 = \d+u/, 'override WORKGROUP_SIZE: u32 = 32u')
    .replace('@workgroup_size(WORKGROUP_SIZE)', '@workgroup_size(8, WORKGROUP_SIZE)');
  const edited = editedShader(wgsl.conv3dForwardNaive, code, 'mine');
  expect(edited.overrides.WORKGROUP_SIZE).toBe(32);
  expect(edited.workgroupSize).toEqual([8, 'WORKGROUP_SIZE']);
  expect(edited.name).not.toBe('conv3d_forward_naive');
});
