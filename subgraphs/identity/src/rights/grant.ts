import type { Permission, Scope } from "@weft/shared";

/** One permission with one scope. */
export interface Grant {
  readonly permission: Permission;
  readonly scope: Scope;
}

/** What one user is granted beside his roles, or denied whatever they grant. */
export interface Override extends Grant {
  readonly effect: "GRANT" | "DENY";
  /** Why; who did it and when. */
  readonly reason: string;
  readonly createdBy: string | null;
  readonly createdAt: string;
}

export const isSameGrant = (one: Grant, other: Grant): boolean => one.permission === other.permission && one.scope === other.scope;

/** The grants that are not among the others. */
export const without = <T extends Grant>(grants: readonly T[], others: readonly Grant[]): T[] =>
  grants.filter((grant) => !others.some((other) => isSameGrant(grant, other)));
