/**
 * `Symbol.dispose`, by which `using` ends things. A browser that does not know it gets it here, before
 * the first class that has it.
 */
export const dispose: typeof Symbol.dispose = Symbol.dispose ?? provideDispose();

function provideDispose(): typeof Symbol.dispose {
  const value = Symbol('Symbol.dispose');
  Object.defineProperty(Symbol, 'dispose', { value });
  return value as symbol as typeof Symbol.dispose;
}
