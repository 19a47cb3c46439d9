import { isPermission, quote } from "@weft/shared";
import type { Problem, Scope } from "@weft/shared";
import type { Grant } from "./grant.js";

/** The grants of an input, each once, and what is wrong with them on `path` (`input.permissions`). */
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

const unknownPermission = (name: string): string => `There is no permission ${quote(name)}; see the query permissions.`;
