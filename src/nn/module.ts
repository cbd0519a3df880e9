/**
 * A part of a network: parameters and smaller modules under PyTorch's names, in PyTorch's order,
 * so that a `state_dict` of MONAI fits without a table.
 */
import type { Tape } from '../autograd/tape.ts';
import type { Parameter, Variable } from '../autograd/variable.ts';
import { ConfigError, ShapeError } from '../errors.ts';
import { product, sameShape, showShape } from '../shape.ts';

export interface NamedParameter {
  /** Key in the state dictionary, e.g. `model.0.conv.unit0.conv.weight`. */
  readonly name: string;
  readonly parameter: Parameter;
  /** Whether fastai decays it: false for biases and for parameters of norms. */
  readonly weightDecay: boolean;
}

export interface StateTensor {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** Weights by name, in `state_dict` order. */
export type StateDict = Map<string, { shape: readonly number[]; data: Float32Array }>;

export abstract class Module {
  private readonly own: { name: string; parameter: Parameter; weightDecay: boolean }[] = [];
  private readonly children: { name: string; module: Module }[] = [];

  /** y of x; intermediate results belong to `tape`. */
  abstract forward(tape: Tape, x: Variable): Variable;

  /** Owns `parameter` from now on. Call in PyTorch's order of registration. */
  protected addParameter(name: string, parameter: Parameter, weightDecay: boolean): Parameter {
    this.own.push({ name, parameter, weightDecay });
    return parameter;
  }

  /** Owns `module` from now on. Call in PyTorch's order of registration. */
  protected addModule<M extends Module>(name: string, module: M): M {
    this.children.push({ name, module });
    return module;
  }

  /** In `state_dict` order: own parameters first, then those of the children. */
  namedParameters(prefix = ''): NamedParameter[] {
    return [
      ...this.own.map((entry) => ({ ...entry, name: prefix + entry.name })),
      ...this.children.flatMap(({ name, module }) => module.namedParameters(`${prefix}${name}.`)),
    ];
  }

  parameters(): Parameter[] {
    return this.namedParameters().map(({ parameter }) => parameter);
  }

  /** Number of trainable values. */
  get parameterCount(): number {
    return this.parameters().reduce((sum, { value }) => sum + value.size, 0);
  }

  /** Copies all weights from the GPU. Throws what went wrong there. */
  async stateDict(): Promise<StateDict> {
    const state: StateDict = new Map();
    for (const { name, parameter } of this.namedParameters()) {
      const data = await parameter.gpu.read(parameter.value);
      state.set(name, { shape: parameter.shape, data });
    }
    return state;
  }

  /**
   * Replaces the weights. Nothing is changed if anything does not fit.
   *
   * @param strict refuse missing and unexpected names, as PyTorch does by default
   * @throws ConfigError naming every missing and unexpected name
   * @throws ShapeError naming every tensor of another shape
   */
  loadStateDict(
    state: ReadonlyMap<string, StateTensor> | Readonly<Record<string, StateTensor>>,
    { strict = true } = {},
  ): void {
    const given = new Map(state instanceof Map ? state : Object.entries(state)) as ReadonlyMap<
      string,
      StateTensor
    >;
    const wanted = this.namedParameters();
    if (strict) checkNames(wanted, given);
    checkShapes(wanted, given);
    for (const { name, parameter } of wanted) {
      const tensor = given.get(name);
      if (tensor) parameter.gpu.write(parameter.value, Float32Array.from(tensor.data));
    }
  }

  /** Returns the memory of all parameters. The module cannot be used afterwards. */
  dispose(): void {
    for (const parameter of this.parameters()) parameter.dispose();
  }
}

/** A few names of a long list are enough to see what is wrong. */
function listed(names: readonly string[]): string {
  const shown = names.slice(0, 6).join(', ');
  return names.length > 6 ? `${shown} and ${names.length - 6} more` : shown;
}

function checkNames(
  wanted: readonly NamedParameter[],
  given: ReadonlyMap<string, StateTensor>,
): void {
  const known = new Set(wanted.map(({ name }) => name));
  const missing = [...known].filter((name) => !given.has(name));
  const unexpected = [...given.keys()].filter((name) => !known.has(name));
  if (missing.length === 0 && unexpected.length === 0) return;
  const facts = [
    missing.length > 0 ? `${missing.length} missing: ${listed(missing)}.` : '',
    unexpected.length > 0 ? `${unexpected.length} unexpected: ${listed(unexpected)}.` : '',
  ];
  throw new ConfigError(
    `Module.loadStateDict: the names do not fit this network. ${facts.filter(Boolean).join(' ')} Build the network with the options that the weights were trained with, or pass { strict: false }.`,
  );
}

function checkShapes(
  wanted: readonly NamedParameter[],
  given: ReadonlyMap<string, StateTensor>,
): void {
  const wrong = wanted.flatMap(({ name, parameter }) => {
    const tensor = given.get(name);
    if (!tensor) return [];
    if (!sameShape(tensor.shape, parameter.shape)) {
      return [`${name} ${showShape(tensor.shape)} for ${showShape(parameter.shape)}`];
    }
    const filled = tensor.data.length === product(tensor.shape);
    return filled
      ? []
      : [`${name} ${tensor.data.length} values for its own ${showShape(tensor.shape)}`];
  });
  if (wrong.length === 0) return;
  throw new ShapeError(
    `Module.loadStateDict: ${wrong.length} tensors have another shape. Got ${listed(wrong)}. Build the network with the options that the weights were trained with.`,
  );
}
