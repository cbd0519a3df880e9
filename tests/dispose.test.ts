import { readFileSync } from 'node:fs';
import { createContext, runInContext } from 'node:vm';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { dispose } from '../src/dispose.ts';
import { Scope } from '../src/gpu/scope.ts';

/** What the module gives in a program of its own, where `Symbol.dispose` is `before`. */
function disposeWhere(before: symbol | undefined): { given: unknown; global: unknown } {
  const source = readFileSync(new URL('../src/dispose.ts', import.meta.url), 'utf8');
  const code = ts.transpile(source, { module: ts.ModuleKind.CommonJS });
  const context = createContext({ exports: {}, before });
  const prepare = before ? "Object.defineProperty(Symbol, 'dispose', { value: before });" : '';
  return runInContext(
    `${prepare}(() => { ${code} })(); ({ given: exports.dispose, global: Symbol.dispose })`,
    context,
  ) as { given: unknown; global: unknown };
}

test('where `using` is known its symbol is taken', () => {
  const own = Symbol('own');
  expect(disposeWhere(own)).toEqual({ given: own, global: own });
  expect(dispose).toBe(Symbol.dispose);
});

test('where it is not the symbol is made, so that lowered code finds it', () => {
  const { given, global } = disposeWhere(undefined);
  expect(typeof given).toBe('symbol');
  expect(global).toBe(given);
});

test('scopes end by it', () => {
  expect(Scope.prototype[dispose]).toBeTypeOf('function');
});
