/** IDs of steps and names of inputs can contain hyphens, which are minus signs in expressions. */
import { MAX_SOURCE_CHARS } from "../model/condition.js";

/** IDs of steps, and names of inputs, outputs and secrets. */
export const AUTOMATION_NAME = /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/;

const ROOTS = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|(?<![\w.\]])(steps|inputs|secrets)\.([A-Za-z_][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)+)/g;

/**
 * Returns the expression with `steps.run-tests.exit_code` written as `steps["run-tests"].exit_code`. A hyphen directly after a name is part of it, so
 * subtractions need spaces: `inputs.count - inputs.used`.
 */
export function withQuotedNames(source: string): string {
  // A longer expression is refused anyway.
  if (source.length > MAX_SOURCE_CHARS) return source;
  return source.replace(ROOTS, (part, root: string | undefined, name: string | undefined) =>
    root === undefined ? part : `${root}[${JSON.stringify(name)}]`,
  );
}
