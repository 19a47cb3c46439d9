/** Scenarios of a definition: given data, people and a clock, these steps, this end. Read with the definition, run in memory before it is published. */
import type { Actor, Principal } from "../actor.js";
import type { Duration } from "../durations.js";
import type { JsonObject } from "../json.js";
import type { IncidentKind } from "../incident.js";
import type { ReasonRule } from "../rejection.js";
import type { FinalKind, InstanceStatus } from "../snapshot.js";

export type Scenario = {
  readonly name: string;
  readonly given: Given;
  readonly steps: readonly ScenarioStep[];
  readonly expect: Expectation;
};

export type Given = {
  readonly data: JsonObject;
  /** Whose instance it is, and who starts it. */
  readonly owner: Actor;
  /** To whom it is assigned. */
  readonly assignee: Principal | null;
  /** By the names that the steps use. */
  readonly people: ReadonlyMap<string, Actor>;
  readonly now: string;
  /** Whom a route chooses; one that is not named here has no rule that applies. */
  readonly routes: ReadonlyMap<string, readonly Actor[]>;
};

/** What is done, if anything, and what is to be true after it. */
export type ScenarioStep = { readonly act: Act | null; readonly expect: Expectation | null };

type ByPerson = { readonly by: Actor; readonly name: string };
type Filled = ByPerson & { readonly transition: string; readonly input: JsonObject | null; readonly comment: string | null };

export type Act =
  | (Filled & { readonly kind: "fire" })
  /** `task` null: whichever open task of the state is offered. */
  | (Filled & { readonly kind: "complete"; readonly task: string | null; readonly copy: number | null })
  | (Filled & { readonly kind: "refused"; readonly task: string | null; readonly because: ReasonRule | null })
  | (ByPerson & { readonly kind: "claim"; readonly task: string })
  /** Items of the task's checklist, by their titles. */
  | (ByPerson & { readonly kind: "tick"; readonly task: string; readonly copy: number | null; readonly items: readonly string[] })
  | (ByPerson & { readonly kind: "data"; readonly patch: JsonObject })
  | (ByPerson & { readonly kind: "assign"; readonly to: Principal | null })
  | (ByPerson & { readonly kind: "cancel"; readonly comment: string | null })
  /** A child that the present state has started ends. */
  | (ByPerson & {
      readonly kind: "child";
      readonly rule: string;
      readonly index: number;
      readonly ending: FinalKind;
      readonly data: JsonObject | null;
    })
  | { readonly kind: "advance"; readonly duration: Duration };

/** What is left out may be anything. */
export type Expectation = {
  readonly state?: string | undefined;
  readonly status?: InstanceStatus | undefined;
  /** The states in the order in which they were entered, the initial one first. */
  readonly path?: readonly string[] | undefined;
  /** All open tasks, in any order. */
  readonly tasks?: readonly ExpectedTask[] | undefined;
  /** These properties and no word of others; null: it has no value. */
  readonly data?: JsonObject | undefined;
  /** The rules of the children that are running, in any order. */
  readonly children?: readonly string[] | undefined;
  readonly incident?: IncidentKind | undefined;
};

export type ExpectedTask = {
  readonly task: string;
  readonly due?: string | null | undefined;
  /** Somebody to whom it is offered, or who has claimed it. */
  readonly offeredTo?: Actor | undefined;
};

/** Every value, or it does not compile: a scenario may expect each. */
const keysOf = <K extends string>(all: Readonly<Record<K, true>>): readonly K[] => Object.keys(all) as K[];

export const INSTANCE_STATUSES = keysOf<InstanceStatus>({ RUNNING: true, SUSPENDED: true, COMPLETED: true, CANCELLED: true, FAILED: true });
export const ENDINGS = keysOf<FinalKind>({ completed: true, rejected: true, cancelled: true });
export const INCIDENT_KINDS = keysOf<IncidentKind>({ LOOP: true, DATA: true, DEFINITION: true, CHILDREN: true, JOB: true });
export const REASON_RULES = keysOf<ReasonRule>({
  transition: true,
  state: true,
  status: true,
  owner: true,
  assignee: true,
  candidate: true,
  role: true,
  permission: true,
  notSameAs: true,
  when: true,
  claimed: true,
  task: true,
  checklist: true,
  question: true,
  automatic: true,
  votes: true,
  definition: true,
});
