/** Errors that mean "Systole has a bug", as opposed to {@link Diagnostic}s, which mean "the input has one". */
export class InternalError extends Error {
  override readonly name = 'InternalError';
}

/** Ends every `switch` on a literal union: the compiler refuses to build while a case is missing. */
export function assertNever(value: never, what = 'case'): never {
  throw new InternalError(`unhandled ${what}: ${JSON.stringify(value)}`);
}

/** States an invariant that a verifier has already established; its failure is a bug in Systole. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InternalError(message);
}
