/** A user, team or vendor that an instance can be assigned to. */
export type Principal = { readonly type: "user" | "team" | "vendor"; readonly id: string };

export const isSamePrincipal = (one: Principal | null, other: Principal | null): boolean =>
  one?.type === other?.type && one?.id === other?.id;

/**
 * The user who acts. `roles` and `permissions` are keys (`operations`, `workflow.fire`); `principals` is everything that an assignment can reference.
 */
export type Actor = {
  readonly id: string;
  readonly roles: readonly string[];
  readonly permissions: readonly string[];
  readonly principals: { readonly userIds: readonly string[]; readonly teamIds: readonly string[]; readonly vendorId: string | null };
  /** The user for whom the actor acts (delegation). Counts for owner and for notSameAs, so a deputy cannot be used to bypass separation of duties. */
  readonly onBehalfOf?: string | undefined;
  /** All other users whom the actor acts for: those who delegated a task, and those for whom the actor is the substitute. Counts like `onBehalfOf`. */
  readonly standsFor?: readonly string[] | undefined;
  /** Whether the actor can assign every task, and therefore also complete tasks that are offered to others. */
  readonly managesTasks?: boolean | undefined;
  /** Not a person, but the system, when a timer fires. No rule counts it as somebody who did a step. */
  readonly isSystem?: boolean | undefined;
};
