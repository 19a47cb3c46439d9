/** Routing rules: who gets a piece of work, by what it is about. The first rule that applies decides, in the order of their positions. */
import type { Condition } from "../conditions/tree.js";

/** EVERYBODY: it is offered to all of them. The others give it to one person: the next in turn, or who has the fewest tasks claimed. */
export type RoutingChoice = "EVERYBODY" | "ROUND_ROBIN" | "LEAST_BUSY";

/** Whom a rule means: these users, the members of these teams, the holders of these roles; of them only those with the skill, where there is one. */
export type RoutingTarget = {
  readonly userIds: readonly string[];
  readonly teamIds: readonly string[];
  readonly roles: readonly string[];
  readonly skill: string | null;
  readonly choice: RoutingChoice;
};

export type RoutingRule = {
  readonly id: string;
  readonly name: string;
  /** null: it applies whatever the work is about. */
  readonly when: { readonly tree: Condition; readonly source: string } | null;
  /** Only within the working hours of the tenant, only outside of them, or (null) at any time. */
  readonly duringWorkingHours: boolean | null;
  readonly target: RoutingTarget;
};

/** What a rule looks at. */
export type RoutingFacts = {
  readonly data: { readonly [key: string]: unknown };
  /** Whose the work is. */
  readonly owner: { readonly id: string; readonly roles: readonly string[]; readonly teamIds: readonly string[] };
  /** Key of the definition; null for what has none. */
  readonly definition: string | null;
  readonly state: string | null;
  /** Name of the task rule; null for what is no task. */
  readonly task: string | null;
  readonly time: LocalTime;
};

/** A moment on the tenant's clock. */
export type LocalTime = {
  /** `2026-03-01` */
  readonly date: string;
  /** `09:30` */
  readonly time: string;
  /** monday … sunday */
  readonly weekday: string;
  readonly isWorking: boolean;
};
