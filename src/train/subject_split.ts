/** Which subjects train, which choose the best model, and which nobody may see before the end. */
import { ConfigError } from '../errors.ts';
import { NumpyRandom } from './numpy_random.ts';

/** Subject names (file names without .nii.gz). */
export interface SubjectSplit {
  readonly train: readonly string[];
  readonly validation: readonly string[];
  readonly test: readonly string[];
}

export const SPLIT_SECTIONS = ['train', 'validation', 'test'] as const;
export type SplitSection = (typeof SPLIT_SECTIONS)[number];

export interface SplitOptions {
  /** Share of the subjects (or groups) for validation; at least one where above 0. */
  readonly validPct: number;
  /** Share that is held out; at least one where above 0. */
  readonly testPct: number;
  readonly seed: number;
  /**
   * Regular expression on the subject's name; subjects with the same first capture group (or whole
   * match, without one) stay together, so that no patient is on both sides.
   */
  readonly groupBy?: string;
}

function regularExpression(caller: string, pattern: string): RegExp {
  try {
    return new RegExp(pattern);
  } catch (error) {
    throw new ConfigError(
      `${caller}: not a regular expression. Got '${pattern}': ${(error as Error).message}. Pass one such as 'lv_(.*)_E[DS]'.`,
    );
  }
}

/** Names by group, groups in order of first appearance. */
function groupNames(names: readonly string[], pattern: string | undefined): string[][] {
  if (pattern === undefined) return names.map((name) => [name]);
  const expression = regularExpression('splitSubjects', pattern);
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const match = expression.exec(name);
    if (!match) {
      throw new ConfigError(
        `splitSubjects: groupBy must match every name. Got '${pattern}', which does not match '${name}'. Change the expression, or exclude the subject.`,
      );
    }
    const key = match[1] ?? match[0];
    const group = groups.get(key);
    if (group) group.push(name);
    else groups.set(key, [name]);
  }
  return [...groups.values()];
}

/** Whole groups for a share of `count`; 0 only for a share of 0. */
function groupsFor(what: string, share: number, count: number): number {
  if (!(share >= 0 && share < 1)) {
    throw new ConfigError(
      `splitSubjects: ${what} must be a share from 0 to below 1. Got ${share}. Pass for example 0.2.`,
    );
  }
  return share === 0 ? 0 : Math.max(1, Math.round(count * share));
}

/**
 * A random, reproducible division of subjects.
 *
 * @param names unique; the same names in the same order and the same seed give the same division
 * @throws ConfigError if no subject would be left to train on
 */
export function splitSubjects(names: readonly string[], options: SplitOptions): SubjectSplit {
  const groups = groupNames(names, options.groupBy);
  const tests = groupsFor('testPct', options.testPct, groups.length);
  const valids = groupsFor('validPct', options.validPct, groups.length);
  if (tests + valids >= groups.length) {
    throw new ConfigError(
      `splitSubjects: nothing is left to train on. Got ${groups.length} ${options.groupBy ? 'groups' : 'subjects'}, of which ${tests} would be held out and ${valids} validate. Lower the shares or add data.`,
    );
  }
  const order = new NumpyRandom(options.seed).permutation(groups.length);
  const pick = (from: number, to?: number): string[] =>
    order
      .slice(from, to)
      .sort((a, b) => a - b)
      .flatMap((group) => groups[group]!);
  return {
    train: pick(tests + valids),
    validation: pick(tests, tests + valids),
    test: pick(0, tests),
  };
}

/**
 * Names without those that match one of the patterns (regular expressions, anywhere in the name).
 *
 * @throws ConfigError for a pattern that matches nothing: it is probably misspelt
 */
export function excludeSubjects(names: readonly string[], patterns: readonly string[]): string[] {
  const expressions = patterns.map((pattern) => regularExpression('excludeSubjects', pattern));
  const idle = patterns.find((_, n) => !names.some((name) => expressions[n]!.test(name)));
  if (idle !== undefined) {
    throw new ConfigError(
      `excludeSubjects: a pattern matches no subject. Got '${idle}' for ${names.length} subjects, the first is '${names[0]}'. Correct or drop it.`,
    );
  }
  return names.filter((name) => !expressions.some((expression) => expression.test(name)));
}

/** @throws ConfigError unless `value` is a split whose sections hold disjoint, known names */
export function checkSplit(value: unknown, known?: readonly string[]): SubjectSplit {
  const fail = (wrong: string, arrived: string): never => {
    throw new ConfigError(
      `checkSplit: ${wrong}. ${arrived}. Write {"train": [names], "validation": [names], "test": [names]}, names as the image files without .nii.gz.`,
    );
  };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return fail('a split is a JSON object', `Got ${JSON.stringify(value)?.slice(0, 60)}`);
  }
  const given = value as Record<string, unknown>;
  const unknownKey = Object.keys(given).find((key) => !SPLIT_SECTIONS.some((s) => s === key));
  if (unknownKey !== undefined) fail('unknown section', `Got '${unknownKey}'`);
  const names = known && new Set(known);
  const seen = new Map<string, string>();
  const section = (key: SplitSection): string[] => {
    const list = given[key] ?? [];
    if (!Array.isArray(list) || !list.every((name) => typeof name === 'string')) {
      return fail(`'${key}' is not a list of names`, `Got ${JSON.stringify(list).slice(0, 60)}`);
    }
    for (const name of list) {
      if (names && !names.has(name))
        fail(`'${key}' names a subject that the data set lacks`, `Got '${name}'`);
      const other = seen.get(name);
      if (other) fail('a subject appears twice', `Got '${name}' in '${other}' and '${key}'`);
      seen.set(name, key);
    }
    return list;
  };
  return { train: section('train'), validation: section('validation'), test: section('test') };
}
