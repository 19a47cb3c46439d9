/**
 * Model: the data types that every module of the core reads or returns: the machine, the snapshot, the request, the outcome, the rejection.
 * A machine is a compiled definition. It is immutable and holds no reference to the text of the definition.
 * This module decides nothing and imports no other module.
 */
import type { StateRun } from "./automation.js";
import type { Calendars, Period } from "./calendar.js";
import type { ReadId, ShowId } from "./compile-options.js";
import type { CallFollowUp } from "./call.js";
import type { ConditionRule, Operand } from "./condition.js";
import type { EscalationRule } from "./escalation.js";
import type { Form } from "./form.js";
import type { JsonObject } from "./json.js";
import type { TaskPriority } from "./priority.js";
import type { AutomationScenario } from "./scenarios/automation-scenario.js";
import type { Scenario } from "./scenarios/scenario.js";
import type { CompiledSchema } from "./schema.js";
import type { SlaRule } from "./sla/rule.js";
import type { FinalKind } from "./snapshot.js";
import type { NoticeRecipients, Recipient } from "./timer.js";

/** JSON Schema as written in the definition (the documented subset). */
export type InputSchema = JsonObject;

export type Machine = {
  readonly key: string;
  readonly name: string;
  readonly description: string | null;
  readonly initial: string;
  readonly states: ReadonlyMap<string, MachineState>;
  readonly data: CompiledSchema;
  /** The forms that have their own name. */
  readonly forms: ReadonlyMap<string, Form>;
  /** Every task rule by name. The single task of a state has the name of the state. */
  readonly tasks: ReadonlyMap<string, TaskRule>;
  /** The properties that lists can filter by. */
  readonly index: readonly IndexedField[];
  /** Service-level agreements. Their keys are their names, with `task:` for those of tasks. */
  readonly slas: ReadonlyMap<string, SlaRule>;
  /** Escalations by name. */
  readonly escalations: ReadonlyMap<string, EscalationRule>;
  /** Scenarios that run before the definition is published. */
  readonly scenarios: readonly Scenario[];
  /** Whether the definition is of the kind `automation`: its steps are its content, and its states only frame them. */
  readonly isAutomation: boolean;
  /** The scenarios of an automation, which has no others. */
  readonly automationScenarios: readonly AutomationScenario[];
  /** Steps (`state.transition`) that a `notSameAs` references. The instance records who did them. */
  readonly separated: ReadonlySet<string>;
  /** Whether a state or a task rule has timers. */
  readonly usesTimers: boolean;
  /** Whether it counts days or working time anywhere, so that it needs the calendars of the instance's team or tenant. */
  readonly usesCalendars: boolean;
  /** The name of the calendar by which it counts where nothing else is said; null: the standard one. */
  readonly calendar: string | null;
  /** The references to calendars by name. */
  readonly namedCalendars: readonly { readonly name: string; readonly path: readonly (string | number)[] }[];
  /** Those of one instance; null in the compiled machine, which counts by the default ones. */
  readonly calendars: Calendars | null;
  /** See CompileOptions. */
  readonly showId: ShowId | undefined;
  readonly readId: ReadId | undefined;
};

export type MachineState = {
  readonly name: string;
  readonly title: string;
  readonly final: FinalKind | null;
  /** Whether the work counts as ended while the instance is in the state, although transitions still lead out of it. */
  readonly isClosed: boolean;
  readonly transitions: ReadonlyMap<string, Transition>;
  /** The tasks that entering the state opens, in the order of the definition. `onEntry` begins with opening them. */
  readonly tasks: readonly TaskRule[];
  readonly decide: Decide | null;
  /** The instances that entering the state starts. */
  readonly children: readonly ChildRule[];
  readonly join: Join | null;
  /** The steps that entering the state starts. */
  readonly run: StateRun | null;
  /** By name, in the order of the definition. */
  readonly timers: ReadonlyMap<string, TimerRule>;
  readonly onEntry: readonly Action[];
  readonly onExit: readonly Action[];
};

export type Transition = {
  readonly name: string;
  readonly title: string;
  readonly to: string;
  /** Fires automatically as soon as `when` holds; if there are several, the first in the order of the definition. Users cannot fire it. */
  readonly isAutomatic: boolean;
  /** Automatic, but only timers of the state fire it. */
  readonly isTimed: boolean;
  readonly allow: Allow | null;
  readonly when: ConditionRule | null;
  readonly requiresComment: boolean;
  readonly input: CompiledSchema | null;
  /** The form that `input` was made from, if the definition has one here. */
  readonly form: Form | null;
  readonly actions: readonly Action[];
};

/**
 * How completed tasks of a state select a transition: it fires as soon as the required number of tasks is completed with it. `otherwise` fires when
 * all are completed and no transition has the required number.
 */
export type Decide = {
  readonly needed: ReadonlyMap<string, number | "all">;
  readonly otherwise: string | null;
  /** One user can complete several of the tasks. */
  readonly isRepeatable: boolean;
};

/** Instances of another definition that a state starts: one, or one for each item of a list. */
export type ChildRule = {
  readonly rule: string;
  /** Key of the definition. Its newest published version is used when the state is entered. */
  readonly definition: string;
  readonly each: Operand | null;
  /** The order of the items, which `for` lists. Null: all children start when the state is entered. */
  readonly order: ChildOrder | null;
  /** The data of a child: name and value, which can read `item` and `index`. */
  readonly data: readonly (readonly [string, Operand])[];
  /** What is kept of a child that has ended: name and value, which reads the child's own `data`. */
  readonly result: readonly (readonly [string, Operand])[];
  /** Where in the data the results are written, in the order of the items. */
  readonly collect: readonly string[] | null;
};

/** A child starts when those of the items that it names have ended as the join counts them. Both read `item`. */
export type ChildOrder = {
  /** The name by which other items refer to the item. */
  readonly key: Operand;
  /** A name, or a list of names. Without one, the child starts when the state is entered. */
  readonly after: Operand;
};

/**
 * When the children of a state let the instance continue. `completed` counts children that completed; `ended` counts all that have ended. Those still
 * running are canceled.
 */
export type Join = {
  readonly need: number | "all" | "any";
  readonly of: "completed" | "ended";
  /** The transition in `then`. */
  readonly fires: string;
  /** Fires when `need` can no longer be reached. */
  readonly otherwise: string | null;
};

/**
 * Who can fire. owner, assignee, candidate, roles, permissions and `any` are alternatives (one is enough; if none is given: everybody). Every `all`
 * block must hold, and the actor must not be any of `notSameAs`.
 */
export type Allow = {
  readonly owner: boolean;
  readonly assignee: boolean;
  /** Any user who has claimed, or can claim, an open task of the instance. */
  readonly candidate: boolean;
  readonly roles: readonly string[];
  readonly permissions: readonly string[];
  /** `owner`, `assignee`, and steps (`state.transition`): excludes users who did one of them. */
  readonly notSameAs: readonly string[];
  readonly any: readonly Allow[];
  readonly all: readonly Allow[];
};

/** `lifetime: "state"` tasks close when their state is left; `"instance"` tasks close at `closeTask` or at a final state. */
export type TaskRule = {
  readonly rule: string;
  /** What completing the task means: a vote, of which each user has one or any number. Null: no vote. */
  readonly vote: "ONCE" | "REPEAT" | null;
  readonly title: Template;
  readonly lifetime: "state" | "instance";
  /** The number of tasks of this rule, or one for each user in a list in the data. */
  readonly count: number;
  readonly each: Operand | null;
  readonly due: Due | null;
  readonly priority: TaskPriority;
  /** Items to check off, in order. */
  readonly checklist: readonly string[];
  /** Asks for its own input instead of the transition's. */
  readonly form: Form | null;
  /** By name, in the order of the definition. Each of its tasks has its own. */
  readonly timers: ReadonlyMap<string, TimerRule>;
  /** Who is notified when its deadline has passed. */
  readonly overdue: readonly Recipient[];
  readonly candidates: {
    readonly roles: readonly string[];
    readonly users: readonly string[];
    readonly teams: readonly string[];
    readonly owner: boolean;
    readonly assignee: boolean;
    /** Values that contain IDs of users or teams. */
    readonly from: readonly Operand[];
    /** Name of the routing rules that choose candidates. */
    readonly route: string | null;
  };
};

/** A period from the opening, or a value that contains a date-time. `calendar`: the name of that by which it is counted. */
export type Due = ({ readonly after: Period } | { readonly at: Operand }) & { readonly calendar: string | null };

export type Action =
  | { readonly kind: "set"; readonly path: readonly string[]; readonly value: Operand }
  | { readonly kind: "openTask"; readonly task: TaskRule }
  | { readonly kind: "closeTask"; readonly rule: string }
  /** The value is the ID of a user or a team. Null or absent: the instance is assigned to nobody. */
  | { readonly kind: "assign"; readonly to: Operand }
  /** Starts an instance that does not depend on this one, unlike a child. */
  | { readonly kind: "start"; readonly definition: string; readonly data: readonly (readonly [string, Operand])[] }
  | { readonly kind: "notify"; readonly to: NoticeRecipients; readonly title: Template }
  | { readonly kind: "emit"; readonly type: string; readonly payload: readonly (readonly [string, Operand])[] }
  | {
      readonly kind: "call";
      /** Key of the integration, and of its action. */
      readonly integration: string;
      readonly action: string;
      readonly input: readonly (readonly [string, Operand])[];
      readonly followUp: CallFollowUp;
    };

/** A timer of a state or of a task rule. */
export type TimerRule = {
  readonly name: string;
  readonly due: TimerDue;
  readonly effect: TimerEffect;
  /** The period between repetitions, and how many times it fires in all. */
  readonly repeat: { readonly every: Period; readonly times: number } | null;
};

/** A period after entering the state or opening the task, a period before the task's deadline, or a value that contains a time. */
export type TimerDue = ({ readonly after: Period } | { readonly before: Period } | { readonly at: Operand }) & {
  /** Name of the calendar by which it counts, also its repetitions. */
  readonly calendar: string | null;
};

export type TimerEffect =
  | { readonly kind: "fire"; readonly transition: string }
  | { readonly kind: "actions"; readonly actions: readonly Action[] }
  | { readonly kind: "remind"; readonly notify: readonly Recipient[] };

/** A title that contains values, read from `Triage: {{ data.summary }}`. */
export type Template = { readonly source: string; readonly parts: readonly (string | TemplatePath)[] };
export type TemplatePath = { readonly path: readonly string[] };

/** A top-level property of the data, of one type or null. */
export type IndexedField = { readonly name: string; readonly type: "text" | "number" | "boolean" };
