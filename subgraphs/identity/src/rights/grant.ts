import type { Permission, Scope } from "@weft/shared/viewer";

/** A permission in a scope. */
export interface Grant {
  readonly permission: Permission;
  readonly scope: Scope;
}

/** A permission granted to a user in addition to their roles, or denied regardless of their roles. */
export interface Override extends Grant {
  readonly effect: "GRANT" | "DENY";
  /** Reason, author and time. */
  readonly reason: string;
  readonly createdBy: string | null;
  readonly createdAt: string;
}

export const isSameGrant = (one: Grant, other: Grant): boolean => one.permission === other.permission && one.scope === other.scope;

/** Returns the grants that are not among the others. */
export const without = <T extends Grant>(grants: readonly T[], others: readonly Grant[]): T[] =>
  grants.filter((grant) => !others.some((other) => isSameGrant(grant, other)));
