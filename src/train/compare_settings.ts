/** Settings of several runs side by side. */

export interface SettingRow {
  /** Path of the setting, such as `patch.patchSize`. */
  readonly name: string;
  /** One per run, as text; undefined where a run does not have it. */
  readonly values: readonly (string | undefined)[];
  readonly differs: boolean;
}

const isGroup = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function collect(value: unknown, name: string, into: Map<string, string>): void {
  if (isGroup(value) && Object.keys(value).length > 0) {
    for (const [key, inner] of Object.entries(value)) {
      collect(inner, name === '' ? key : `${name}.${key}`, into);
    }
    return;
  }
  if (name !== '') into.set(name, typeof value === 'string' ? value : JSON.stringify(value));
}

/** Leaves of nested settings by their path; lists stay whole, as JSON. */
export function flatSettings(config: unknown): Map<string, string> {
  const flat = new Map<string, string>();
  collect(config, '', flat);
  return flat;
}

/**
 * Every setting that any of the configurations has, in the order of first appearance.
 *
 * @param configs contents of config.json, one per run
 */
export function compareSettings(configs: readonly unknown[]): SettingRow[] {
  const flat = configs.map(flatSettings);
  const names = new Set(flat.flatMap((settings) => [...settings.keys()]));
  return [...names].map((name) => {
    const values = flat.map((settings) => settings.get(name));
    return { name, values, differs: values.some((value) => value !== values[0]) };
  });
}
