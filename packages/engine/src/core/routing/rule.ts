/** Routing rules: who gets a piece of work, depending on its properties. The first rule that applies decides, in the order of their positions. */
import type { Condition } from "../model/condition.js";

/** EVERYBODY: it is offered to all of them. The other strategies give it to one user: the next in turn, or the one with the fewest claimed tasks. */
export type RoutingStrategy = "EVERYBODY" | "ROUND_ROBIN" | "LEAST_BUSY";

/** The users of a rule: these users, the members of these teams, the holders of these roles. If a skill is set, only users who have it. */
export type RoutingTarget = {
  readonly userIds: readonly string[];
  readonly teamIds: readonly string[];
  readonly roles: readonly string[];
  readonly skill: string | null;
  readonly strategy: RoutingStrategy;
};

export type RoutingRule = {
  readonly id: string;
  readonly name: string;
  /** null: it applies to all work. */
  readonly when: { readonly tree: Condition; readonly source: string } | null;
  /** Only within the working hours of the tenant, only outside of them, or (null) at any time. */
  readonly duringWorkingHours: boolean | null;
  readonly target: RoutingTarget;
};

/** The facts that a rule is evaluated against. */
export type RoutingFacts = {
  readonly data: { readonly [key: string]: unknown };
  /** The owner of the work. */
  readonly owner: { readonly id: string; readonly roles: readonly string[]; readonly teamIds: readonly string[] };
  /** Key of the definition; null for work without one. */
  readonly definition: string | null;
  readonly state: string | null;
  /** Name of the task rule; null for work that is not a task. */
  readonly task: string | null;
  readonly time: LocalTime;
};

/** A moment in the tenant's local time. */
export type LocalTime = {
  /** `2026-03-01` */
  readonly date: string;
  /** `09:30` */
  readonly time: string;
  /** monday … sunday */
  readonly weekday: string;
  readonly isWorking: boolean;
};
