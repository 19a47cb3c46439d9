import { type Problem, quote } from "@weft/shared/errors";
import { isPermission, type Scope } from "@weft/shared/viewer";
import type { Grant } from "./grant.js";

/** Returns the distinct grants of an input, and their problems with the given `path` (`input.permissions`). */
export function grantsOfInput(
  input: readonly { readonly permission: string; readonly scope: Scope }[],
  path: string,
): { grants: Grant[]; problems: Problem[] } {
  const grants = new Map<string, Grant>();
  const problems: Problem[] = [];
  for (const [i, { permission, scope }] of input.entries()) {
    if (isPermission(permission)) grants.set(`${permission} ${scope}`, { permission, scope });
    else problems.push({ path: `${path}.${i}.permission`, message: unknownPermission(permission) });
  }
  return { grants: [...grants.values()], problems };
}

const unknownPermission = (name: string): string => `The permission ${quote(name)} does not exist. See the query permissions.`;
