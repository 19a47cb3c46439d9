import { Forbidden, quote } from "@weft/shared/errors";
import { isCustomPermission, isPermission, reachesAll } from "@weft/shared/viewer";
import type { Context } from "@weft/api/context";
import type { Tool } from "./agent-definition.js";
import type { Problem } from "./agent-terms.js";

const MAX_PERMISSIONS = 50;

/** Returns what is wrong with the permissions of an agent. */
export function permissionProblems(permissions: readonly string[]): Problem[] {
  const path = "input.permissions";
  if (permissions.length > MAX_PERMISSIONS) return [{ path, message: `At most ${MAX_PERMISSIONS} permissions are allowed.` }];
  const unknown = permissions.find((name) => !isPermission(name) || isCustomPermission(name));
  return unknown === undefined ? [] : [{ path, message: `The permission ${quote(unknown)} does not exist. See the query permissions.` }];
}

/** What an agent is, or becomes by a change. */
export interface Able {
  readonly tools: readonly Tool[];
  readonly permissions: readonly string[];
}

/**
 * Whoever decides what an agent does with the API lends it their rights, so they must have those that it uses. API keys cannot: they have less than their
 * user.
 * @throws Forbidden
 */
export function assertMayLend({ viewer }: Context, { tools, permissions }: Able): void {
  // Whoever steers an agent that asks others, steers them. When they use the API, its author must have the rights as well.
  if (viewer.apiKey !== null && tools.some(({ kind }) => kind === "AGENT"))
    throw new Forbidden("The agent asks others, which can use the API. To decide what it does, log in as a user: API keys cannot.");
  if (tools.every(({ kind }) => kind !== "GRAPHQL")) return;
  if (viewer.apiKey !== null)
    throw new Forbidden("Tools of the agent run operations of the API. To decide what it does, log in as a user: API keys cannot.");
  const missing = permissions.find((name) => !isPermission(name) || !reachesAll(viewer, name));
  if (missing !== undefined)
    throw new Forbidden(
      `Tools of the agent can use the permission ${missing}. To decide what it does, you need this permission in scope TENANT.`,
    );
}
