/** Which versions a table was measured with. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot, packageVersion } from '../../src/cli/version.ts';

const FOLDER = import.meta.dirname;

/** Of an installed peer; undefined if it is not there. */
export function peerVersion(name: string): string | undefined {
  const file = join(FOLDER, 'node_modules', name, 'package.json');
  if (!existsSync(file)) return undefined;
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/** `0.1.0 (1a2b3c4)`, with a `+` after a commit that the working tree has left. */
export function voxgradVersion(): string {
  const git = (...command: string[]): string =>
    execFileSync('git', ['-C', packageRoot(), ...command], {
      encoding: 'utf8',
      stdio: 'pipe',
    }).trim();
  try {
    const changed = git('status', '--porcelain', '--', 'src', 'shaders') !== '';
    return `${packageVersion()} (${git('rev-parse', '--short', 'HEAD')}${changed ? '+' : ''})`;
  } catch {
    return packageVersion();
  }
}
