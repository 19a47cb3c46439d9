/**
 * Scenarios of a definition: initial data, people and a clock, steps, and the expected result. Read with the definition, and run in memory before it
 * is published.
 */
import type { Actor, Principal } from "../actor.js";
import type { CallEnd, CallOutcome } from "../call.js";
import type { JsonObject } from "../json.js";
import type { IncidentKind } from "../incident.js";
import type { ReasonRule } from "../rejection.js";
import type { Calendar, Period } from "../calendar.js";
import type { FinalKind, InstanceStatus } from "../snapshot.js";

export type Scenario = {
  readonly name: string;
  readonly given: Given;
  readonly steps: readonly ScenarioStep[];
  readonly expect: Expectation;
};

export type Given = {
  readonly data: JsonObject;
  /** The owner of the instance, who also starts it. */
  readonly owner: Actor;
  /** The assignee. */
  readonly assignee: Principal | null;
  /** People by the names that the steps use. */
  readonly people: ReadonlyMap<string, Actor>;
  readonly now: string;
  /** By which the scenario counts, whatever the configuration is; null: the default one. */
  readonly calendar: Calendar | null;
  /** Whom each route chooses. A route that is not listed has no applicable rule. */
  readonly routes: ReadonlyMap<string, readonly Actor[]>;
};

/** The action, if any, and what must be true afterwards. */
export type ScenarioStep = { readonly act: Act | null; readonly expect: Expectation | null };

type ByPerson = { readonly by: Actor; readonly name: string };
type Filled = ByPerson & { readonly transition: string; readonly input: JsonObject | null; readonly comment: string | null };

export type Act =
  | (Filled & { readonly kind: "fire" })
  /** `task` null: any open task of the state that is offered. */
  | (Filled & { readonly kind: "complete"; readonly task: string | null; readonly copy: number | null })
  | (Filled & { readonly kind: "rejected"; readonly task: string | null; readonly because: ReasonRule | null })
  | (ByPerson & { readonly kind: "claim"; readonly task: string })
  /** Items of the task's checklist, by title. */
  | (ByPerson & { readonly kind: "check"; readonly task: string; readonly copy: number | null; readonly items: readonly string[] })
  | (ByPerson & { readonly kind: "data"; readonly patch: JsonObject })
  | (ByPerson & { readonly kind: "assign"; readonly to: Principal | null })
  | (ByPerson & { readonly kind: "cancel"; readonly comment: string | null })
  /** A child that the current state has started ends. */
  | (ByPerson & {
      readonly kind: "child";
      readonly rule: string;
      readonly index: number;
      readonly ending: FinalKind;
      readonly data: JsonObject | null;
    })
  /** The result of a call, or its failure, arrives. */
  | {
      readonly kind: "call";
      readonly integration: string;
      readonly action: string;
      /** Of all the calls of this action, starting at 1. Null: an open one. */
      readonly number: number | null;
      readonly ended: CallEnd;
    }
  | { readonly kind: "advance"; readonly period: Period };

/** Omitted members can have any value. */
export type Expectation = {
  readonly state?: string | undefined;
  readonly status?: InstanceStatus | undefined;
  /** The states in the order in which they were entered, beginning with the initial one. */
  readonly path?: readonly string[] | undefined;
  /** All open tasks, in any order. */
  readonly tasks?: readonly ExpectedTask[] | undefined;
  /** Compares only these properties; null: the property has no value. */
  readonly data?: JsonObject | undefined;
  /** The rules of the running children, in any order. */
  readonly children?: readonly string[] | undefined;
  readonly incident?: IncidentKind | undefined;
  /** Only these SLAs, by their keys; null: there is no clock. */
  readonly sla?: ReadonlyMap<string, ExpectedClock | null> | undefined;
  /** All levels that were due, in order. */
  readonly escalations?: readonly ExpectedLevel[] | undefined;
  /** All calls that were made, in order. */
  readonly calls?: readonly ExpectedCall[] | undefined;
};

export type ExpectedClock = { readonly status?: SlaStatus | undefined; readonly due?: string | null | undefined };

export type ExpectedLevel = {
  readonly escalation: string;
  /** From 1. */
  readonly level?: number | undefined;
  readonly outcome?: LevelOutcome | undefined;
};

export type ExpectedCall = {
  /** Key of the integration, and of its action. */
  readonly integration: string;
  readonly action: string;
  /** Compares only these values; null: there is no value. */
  readonly input?: JsonObject | undefined;
  readonly outcome?: CallOutcome | undefined;
};

/** What has become of a level that was due. */
export type LevelOutcome = "DONE" | "SKIPPED" | "FAILED";

/** Equal to those of the ledger. */
export type SlaStatus = "ON_TRACK" | "WARNING" | "BREACHED" | "PAUSED" | "MET" | "MISSED" | "CANCELLED";

export type ExpectedTask = {
  readonly task: string;
  readonly due?: string | null | undefined;
  /** A person to whom it is offered, or who has claimed it. */
  readonly offeredTo?: Actor | undefined;
};

/** Lists every value, or this does not compile: a scenario can expect each of them. */
const keysOf = <K extends string>(all: Readonly<Record<K, true>>): readonly K[] => Object.keys(all) as K[];

export const INSTANCE_STATUSES = keysOf<InstanceStatus>({ RUNNING: true, SUSPENDED: true, COMPLETED: true, CANCELLED: true, FAILED: true });
export const ENDINGS = keysOf<FinalKind>({ completed: true, rejected: true, cancelled: true });
export const INCIDENT_KINDS = keysOf<IncidentKind>({ LOOP: true, DATA: true, DEFINITION: true, CHILDREN: true, JOB: true });
export const SLA_STATUSES = keysOf<SlaStatus>({
  ON_TRACK: true,
  WARNING: true,
  BREACHED: true,
  PAUSED: true,
  MET: true,
  MISSED: true,
  CANCELLED: true,
});
export const CALL_OUTCOMES = keysOf<CallOutcome>({ PENDING: true, WAITING: true, DONE: true, SKIPPED: true, FAILED: true });
export const LEVEL_OUTCOMES = keysOf<LevelOutcome>({ DONE: true, SKIPPED: true, FAILED: true });
/** Without `blocked`, because a scenario has no other requests. */
export const REASON_RULES = keysOf<Exclude<ReasonRule, "blocked">>({
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
