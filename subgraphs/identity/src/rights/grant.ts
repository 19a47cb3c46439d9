import type { Permission, Scope } from "@weft/shared";

/** One permission with one scope. */
export interface Grant {
  readonly permission: Permission;
  readonly scope: Scope;
}
