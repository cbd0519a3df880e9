/** What a command says: results on stdout, everything else on stderr, so that output can be piped. */
export interface CommonOptions {
  readonly json?: boolean;
  readonly verbose?: boolean;
}

export class Terminal {
  readonly json: boolean;

  constructor(options: CommonOptions) {
    this.json = options.json ?? false;
  }

  /** A line for people, on stderr. */
  log(line: string): void {
    process.stderr.write(`${line}\n`);
  }

  warn(line: string): void {
    this.log(`warning: ${line}`);
  }

  /** The command's result: `value` as JSON with --json, otherwise the text. */
  result(value: unknown, text: string): void {
    process.stdout.write(this.json ? `${JSON.stringify(value, null, 2)}\n` : `${text.trimEnd()}\n`);
  }
}

/** `3 min 20 s`, `1 h 05 min`, `12 s`. */
export function showDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  const two = (n: number): string => String(n).padStart(2, '0');
  if (minutes < 60) return `${minutes} min ${two(whole % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}

/** `1.50 GiB`, `12.0 MiB`, `32 KiB`. */
export function showBytes(bytes: number): string {
  if (bytes >= 2 ** 30) return `${(bytes / 2 ** 30).toFixed(2)} GiB`;
  if (bytes >= 2 ** 20) return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  return `${(bytes / 2 ** 10).toFixed(0)} KiB`;
}
