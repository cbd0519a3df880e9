import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { containedFile } from '../../../src/node/ui/contained_file.ts';
import { inTemporaryFolder } from '../../helpers/cli.ts';

it('a file is contained where it really lies', () =>
  inTemporaryFolder(async (folder) => {
    const [inner, outer] = [join(folder, 'in'), join(folder, 'in-secret')];
    for (const path of [inner, outer]) {
      await mkdir(path);
      await writeFile(join(path, 'a'), '');
    }
    await symlink(join(outer, 'a'), join(inner, 'leak'));
    await symlink(join(inner, 'a'), join(outer, 'way-in'));
    await symlink(inner, join(folder, 'alias'));
    const real = await containedFile(join(inner, 'a'), [inner]);
    expect(real).toMatch(/in\/a$/);
    expect(await containedFile(join(inner, 'leak'), [inner])).toBeUndefined();
    expect(await containedFile(join(outer, 'way-in'), [inner])).toBe(real);
    expect(await containedFile(join(folder, 'alias', 'a'), [join(folder, 'alias')])).toBe(real);
    expect(await containedFile(join(outer, 'a'), [inner])).toBeUndefined();
    expect(await containedFile(join(inner, '..', 'in-secret', 'a'), [inner])).toBeUndefined();
    expect(await containedFile(inner, [inner])).toBeUndefined();
    expect(await containedFile(join(inner, 'none'), [inner])).toBeUndefined();
  }));
