/** Whom an instance can be assigned to. */
export type Principal = { readonly type: "user" | "team" | "vendor"; readonly id: string };

/** Who acts. `roles` and `permissions` are keys (`operations`, `workflow.fire`); `principals` is everything that an assignment may name. */
export type Actor = {
  readonly id: string;
  readonly roles: readonly string[];
  readonly permissions: readonly string[];
  readonly principals: { readonly userIds: readonly string[]; readonly teamIds: readonly string[]; readonly vendorId: string | null };
  /** The person for whom the actor acts (delegation). Counts for owner, and for notSameAs: nobody escapes four eyes by a deputy. */
  readonly onBehalfOf?: string | undefined;
  /** Everybody else whose place the actor takes here: who delegated a task, whom he stands in for. Counts as `onBehalfOf` does. */
  readonly standsFor?: readonly string[] | undefined;
  /** May assign every task: what is offered to others he may complete too. */
  readonly managesTasks?: boolean | undefined;
};
