/** A scope whose dispatches run other text than the shipped one, or other numbers. */
import type { DispatchArguments } from '../../src/gpu/dispatch.ts';
import { Scope } from '../../src/gpu/scope.ts';
import type { Shader } from '../../src/gpu/shader.ts';
import type { Tensor } from '../../src/gpu/tensor.ts';
import { editedShader } from './shader_text.ts';

type Numbers = Readonly<Record<string, number>>;

/** What is changed of one shader. */
export interface Edit {
  /** With its includes in place. Default: the shipped text. */
  readonly code?: string;
  /** Over those of the launcher. */
  readonly overrides?: Numbers;
  /** Over those of the launcher: values of `// rewritable` lines. */
  readonly consts?: Numbers;
}

/** By the shader's name. */
export type Edits = Readonly<Record<string, Edit>>;

/** One dispatch as a launcher asked for it. */
export interface Dispatched {
  readonly shader: Shader;
  readonly overrides: Numbers;
  readonly consts: Numbers;
}

export interface EditedScopeOptions {
  readonly edits?: Edits;
  /** Called for each dispatch, before it is changed. */
  readonly onDispatch?: (dispatched: Dispatched) => void;
}

/** A short name of a text: texts that differ have different ones. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (let n = 0; n < text.length; n++) hash = Math.imul(hash ^ text.charCodeAt(n), 0x01000193);
  return `${text.length.toString(36)}${(hash >>> 0).toString(36)}`;
}

/** A launcher's numbers without those that the text does not have, or has another value for. */
function stillMeant(given: Numbers, shipped: Numbers, edited: Numbers): Record<string, number> {
  return Object.fromEntries(
    Object.entries(given).filter(([name]) => name in edited && edited[name] === shipped[name]),
  );
}

/** Hands everything to `inner`, dispatches changed: what a launcher makes belongs to `inner`. */
export class EditedScope extends Scope {
  private readonly inner: Scope;
  private readonly options: EditedScopeOptions;

  constructor(inner: Scope, options: EditedScopeOptions) {
    super(inner.gpu);
    this.inner = inner;
    this.options = options;
  }

  override child(): Scope {
    return new EditedScope(this.inner.child(), this.options);
  }

  override tensor(...args: Parameters<Scope['tensor']>): Tensor {
    return this.inner.tensor(...args);
  }

  override upload(...args: Parameters<Scope['upload']>): Tensor {
    return this.inner.upload(...args);
  }

  override keep(tensor: Tensor): Tensor {
    return this.inner.keep(tensor);
  }

  override release(tensor: Tensor): void {
    this.inner.release(tensor);
  }

  override [Symbol.dispose](): void {
    this.inner[Symbol.dispose]();
  }

  override dispatch<S extends Shader>(shader: S, args: DispatchArguments<S>): void {
    const { edits = {}, onDispatch } = this.options;
    const overrides = (args.overrides ?? {}) as Numbers;
    const consts = (args.consts ?? {}) as Numbers;
    onDispatch?.({ shader, overrides, consts });
    const edit = edits[shader.name];
    if (!edit) {
      super.dispatch(shader, args);
      return;
    }
    const { code = shader.code } = edit;
    const isShipped = code === shader.code;
    const edited: Shader = isShipped ? shader : editedShader(shader, code, fingerprint(code));
    const changed = {
      ...args,
      // A number that somebody wrote into the text counts, not the launcher's.
      overrides: {
        ...stillMeant(overrides, shader.overrides, edited.overrides),
        ...edit.overrides,
      },
      consts: { ...stillMeant(consts, shader.consts, edited.consts), ...edit.consts },
    };
    super.dispatch(edited, changed as DispatchArguments<Shader>);
  }
}
