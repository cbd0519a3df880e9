/** Which of several right kernels computes what: chosen once for a GPU, looked up at every launch. */
import type { ConvSizes } from '../shape.ts';
import type { ScalarType } from './shader.ts';

/** One pass of an op on tensors of one size: what a choice between kernels is made for. */
export interface Problem {
  /** As in file names. */
  readonly op: string;
  readonly pass: string;
  /** Of the activations. */
  readonly dtype: ScalarType;
  readonly sizes: ConvSizes;
}

/** `conv3d forward f32 n1 c16>32 64x64x64>32x32x32 k3x3x3 s2x2x2 p1x1x1 d1x1x1` */
export function problemKey({ op, pass, dtype, sizes }: Problem): string {
  const { batch, inChannels, outChannels, input, output, kernel, stride, padding, dilation } =
    sizes;
  const [from, to, k, s, p, d] = [input, output, kernel, stride, padding, dilation].map((triple) =>
    triple.join('x'),
  );
  return `${op} ${pass} ${dtype} n${batch} c${inChannels}>${outChannels} ${from}>${to} k${k} s${s} p${p} d${d}`;
}

/** Names of kernels by `problemKey`. */
export type ChosenNames = Readonly<Record<string, string>>;

export class Choices {
  private readonly names = new Map<string, string>();
  private readonly problems = new Map<string, Problem>();

  /** @param chosen choices in force from the start */
  constructor(chosen: ChosenNames = {}) {
    this.use(chosen);
  }

  /** Adds choices, over those of the same problems. */
  use(chosen: ChosenNames): void {
    for (const [key, name] of Object.entries(chosen)) this.names.set(key, name);
  }

  /** The kernel chosen for `problem`; undefined where the default holds. Notes that it was asked for. */
  lookup(problem: Problem): string | undefined {
    const key = problemKey(problem);
    if (!this.problems.has(key)) this.problems.set(key, problem);
    return this.names.get(key);
  }

  /** All choices in force. */
  get chosen(): ChosenNames {
    return Object.fromEntries(this.names);
  }

  /** Every problem that was looked up, once, in the order of the first time. */
  get asked(): Problem[] {
    return [...this.problems.values()];
  }
}
