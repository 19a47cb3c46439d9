/**
 * What goes into the core and what comes out of it. All of it is plain JSON data: the store reads a Snapshot from its tables,
 * the core answers with an Outcome, the store writes the Outcome. The core makes no ids, reads no clock and never changes its arguments.
 */
import type { DeliveredForm } from "./forms/deliver.js";
import type { AnswerReference } from "./forms/references.js";
import type { Problem } from "./problems.js";
import type { InputSchema, Machine, TaskPriority } from "./machine.js";

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** SUSPENDED: somebody holds it. FAILED: an incident stops it. Nothing is open then. */
export type InstanceStatus = "RUNNING" | "SUSPENDED" | "COMPLETED" | "CANCELLED" | "FAILED";

/** How a final state ends: `completed` and `rejected` give the status COMPLETED, `cancelled` gives CANCELLED. */
export type FinalKind = "completed" | "rejected" | "cancelled";

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
};

/** An open task of the instance, as stored. `rule` is the name of the task rule in the definition that opened it. */
export type SnapshotTask = {
  readonly id: string;
  readonly rule: string;
  readonly state: string;
  readonly title: string;
  /** The user who claimed it; null while it waits in the queue. */
  readonly assigneeId: string | null;
  readonly candidateRoles?: readonly string[];
  readonly candidateUserIds?: readonly string[];
  readonly candidateTeamIds?: readonly string[];
  readonly candidateVendorIds?: readonly string[];
  /** Which of several of its rule, from 1. */
  readonly copy?: number;
  /** Those who have given the task on, the first of them first. */
  readonly delegatedFrom?: readonly string[];
  /** How many items of its checklist are open. */
  readonly unticked?: number;
  /** A question about it waits for an answer. */
  readonly isQuestioned?: boolean;
};

/** A task of the present state that was completed without moving the instance: a vote. `by`: who voted, and everybody in whose place. */
export type SnapshotVote = { readonly rule: string; readonly transition: string; readonly by: readonly string[] };

/** An instance that the present state has started. `ending` is null while it runs; `data` is read for those whose results are kept. */
export type SnapshotChild = {
  readonly rule: string;
  readonly index: number;
  readonly ending: FinalKind | null;
  readonly data?: JsonObject | undefined;
};

/** The instance as it was read, before the firing. */
export type Snapshot = {
  readonly state: string;
  readonly status: InstanceStatus;
  readonly data: JsonObject;
  readonly version: number;
  readonly ownerId: string | null;
  readonly teamId: string | null;
  readonly assignee: Principal | null;
  readonly openTasks: readonly SnapshotTask[];
  /** Completed tasks since the state was entered; only where the state decides by votes. */
  readonly votes?: readonly SnapshotVote[] | undefined;
  /** What the present state has started; only where its join is looked at. */
  readonly children?: readonly SnapshotChild[] | undefined;
  /** Who did the steps that `notSameAs` names: step (`state.transition`) → ids. */
  readonly doneBy?: DoneBy | undefined;
  /** Why it is held, in the words of who holds it; only for what is SUSPENDED. */
  readonly suspension?: string | null | undefined;
};

export type DoneBy = { readonly [step: string]: readonly string[] };

export type StartRequest = {
  readonly data: unknown;
  readonly ownerId: string | null;
  readonly teamId?: string | null;
  readonly assignee?: Principal | null;
  readonly actor: Actor;
  /** ISO 8601 with zone, from the database (`weft_now()`). */
  readonly now: string;
};

export type FireRequest = {
  readonly transition: string;
  readonly actor: Actor;
  readonly input?: unknown;
  readonly comment?: string | null | undefined;
  /** The task that this firing completes (`completeTask`); it must be open and not claimed by another. */
  readonly taskId?: string | undefined;
  readonly now: string;
};

export type CancelRequest = { readonly actor: Actor; readonly comment?: string | null; readonly now: string };

/** A comment that is the act itself, or the reason for one. */
export type RemarkRequest = { readonly actor: Actor; readonly comment: unknown; readonly now: string };

/** By which transition of which state; both null for the start. */
export type Arrival = { readonly from: string | null; readonly transition: string | null };

export type RollbackRequest = {
  readonly to: {
    /** The state that it stands in again. */
    readonly state: string;
    /** How it came there then: the state and transition, both null for the start; absent when nothing is known of it. */
    readonly arrival?: Arrival | undefined;
    /** Every transition that had brought it on its way there: whom one of them excludes does not take the whole way at once. */
    readonly way?: readonly Arrival[] | undefined;
    /** The data that it has again; null: the data stays. */
    readonly data: JsonObject | null;
  };
  readonly actor: Actor;
  /** Why; never empty. */
  readonly reason: unknown;
  /** What was asked for, as history keeps it. */
  readonly input: JsonObject;
  readonly now: string;
};

export type ChangeDataRequest = {
  /** Properties to set, by their top-level name. `null` removes a property whose schema does not accept null. */
  readonly patch: unknown;
  /** Refuse once the initial state was left: for who must not alter what others decide upon. */
  readonly onlyInInitialState?: boolean | undefined;
  readonly actor: Actor;
  readonly now: string;
};

export type AssignRequest = { readonly to: Principal | null; readonly actor: Actor; readonly now: string };

export type TaskToOpen = {
  readonly rule: string;
  readonly state: string;
  readonly title: string;
  readonly copy: number;
  readonly dueAt: string | null;
  readonly priority: TaskPriority;
  readonly checklist: readonly string[];
  /** Name of the routing rules that choose who gets it. */
  readonly route: string | null;
  /** Ids among the candidates come from the data: there may be nobody with such an id. */
  readonly isFromData: boolean;
  /** UUID of whom it is given to at once, when routing has chosen one. */
  readonly assigneeId?: string | null;
  readonly candidates: {
    readonly roles: readonly string[];
    readonly users: readonly string[];
    readonly teams: readonly string[];
    readonly vendors: readonly string[];
  };
};

/** `completed`: the task named by the firing, or the one that the actor had claimed. `superseded`: the others that the firing ends. */
export type TaskToClose = { readonly id: string; readonly reason: "completed" | "superseded" };

/** An instance to start under this one. `index` counts the items of its rule from 0. */
export type ChildToStart = { readonly rule: string; readonly index: number; readonly definition: string; readonly data: JsonObject };

export type IncidentKind = "LOOP" | "DATA" | "DEFINITION" | "CHILDREN" | "JOB";

/** What a person does about an incident. */
export type IncidentAction = "RETRY" | "SKIP" | "FIRE" | "CANCEL";

/** Why an instance cannot go on by itself. `place` is a path of the definition (`states.review.transitions.done`). */
export type NewIncident = { readonly kind: IncidentKind; readonly message: string; readonly place: string };

/** What the definition's `emit` actions ask for. The store adds the events that every move has (started, transitioned, task opened …). */
export type EventToEmit = { readonly type: string; readonly payload: JsonObject };

/** Reserved for clocks (SLA, escalation); always empty today. */
export type TimerToSet = { readonly rule: string; readonly dueAt: string };

export type DataChanges = {
  /** The complete data after the move. */
  readonly data: JsonObject;
  /** Top-level properties that changed, with their new values. */
  readonly patch: JsonObject;
  /** Top-level properties that are gone. */
  readonly removed: readonly string[];
};

export type OutcomeKind =
  | "start"
  | "transition"
  | "cancel"
  | "data"
  | "assign"
  | "comment"
  | "suspend"
  | "resume"
  | "rollback"
  /** A task was completed, and the state waits for others. */
  | "vote"
  /** A child has ended, and the state waits for others. */
  | "child"
  | "incident"
  /** An incident was resolved without a transition. */
  | "resolution"
  | "migration";

/** What has to be written for one move. Nothing in it depends on anything but the arguments of the call. */
export type Outcome = {
  readonly kind: OutcomeKind;
  /** null for a start. */
  readonly from: string | null;
  readonly to: string;
  readonly version: { readonly from: number; readonly to: number };
  /** The fired transition, or the one that was voted for; null for every other kind. */
  readonly transition: string | null;
  readonly status: InstanceStatus;
  /** The final kind when the move ended the instance. */
  readonly outcome: FinalKind | null;
  readonly dataChanges: DataChanges;
  readonly closeTasks: readonly TaskToClose[];
  readonly openTasks: readonly TaskToOpen[];
  readonly startChildren: readonly ChildToStart[];
  /** Running children of the state that was left end with this. */
  readonly cancelsChildren: boolean;
  readonly incident: NewIncident | null;
  /** Present only where it resolves the instance's incident. */
  readonly resolution?: { readonly action: IncidentAction; readonly comment: string | null };
  /** Present only when it changes. */
  readonly doneBy?: DoneBy;
  /** Present only when it changes: the version of the definition by which it goes on. */
  readonly definitionId?: string;
  /** Ids that the answers to a form name: whoever writes the outcome has looked whether there are such users and assets. */
  readonly references?: readonly AnswerReference[];
  /** No person chose it: `auto`, a decision by votes, a join. `actorId` is whose move led to it. */
  readonly isAutomatic: boolean;
  /** The task whose completion it is. */
  readonly taskId: string | null;
  /** Only of a vote: how it counts. */
  readonly vote?: SnapshotVote;
  /** Present only when the assignment changes; `null` takes it away. */
  readonly assignee?: Principal | null;
  readonly events: readonly EventToEmit[];
  readonly timersToSet: readonly TimerToSet[];
  readonly timersToClear: readonly string[];
  readonly actorId: string;
  readonly onBehalfOf: string | null;
  readonly comment: string | null;
  readonly input: JsonObject | null;
  /** `now` of the request. */
  readonly at: string;
};

/** Which rule said no. `transition`: no such name in the definition; `status`: the instance is not running. */
export type ReasonRule =
  | "transition"
  | "state"
  | "status"
  | "owner"
  | "assignee"
  | "candidate"
  | "role"
  | "permission"
  | "notSameAs"
  | "when"
  | "claimed"
  | "task"
  /** The task is not done: items of its checklist are open, a question waits. */
  | "checklist"
  | "question"
  /** Not for people to fire: the transition is automatic, or votes decide it. */
  | "automatic"
  | "votes"
  /** The definition that the instance runs on cannot be read. */
  | "definition";

/** One reason, a full sentence. `path` names the value of a condition (`data.estimate`). */
export type Reason = { readonly rule: ReasonRule; readonly message: string; readonly path?: string };

/** One rule of a transition, looked at. `message` says the rule; of a condition that does not hold, what it saw. */
export type RuleVerdict = Reason & {
  /** Where the rule stands: `allow.roles`, `allow.any[0].owner`, `when`; `tasks`, `state`, `status`, `transition` for what no definition says. */
  readonly at: string;
  readonly holds: boolean;
  /** One of several ways to be allowed, of which one suffices. */
  readonly isAlternative: boolean;
};

/** What stands between an actor and a transition. `allowed` is what `fire` would say, given input and comment as it requires them. */
export type TransitionExplanation = {
  readonly name: string;
  /** null when the present state has no such transition, or the instance is not running. */
  readonly title: string | null;
  readonly to: string | null;
  readonly allowed: boolean;
  readonly verdicts: readonly RuleVerdict[];
  readonly requiresComment: boolean;
  readonly inputSchema: InputSchema | null;
};

/** What is wrong with data, input or comment; `path` begins with `data`, `input`, `comment` or `reason`. */
export type InputProblem = { readonly path: string; readonly message: string };

/** TRANSITION_REJECTED has every failed reason; BAD_USER_INPUT has every problem. The other list is empty. */
export type Rejection = {
  readonly code: "TRANSITION_REJECTED" | "BAD_USER_INPUT";
  readonly reasons: readonly Reason[];
  readonly problems: readonly InputProblem[];
};

export type FireResult = { readonly ok: true; readonly outcome: Outcome } | { readonly ok: false; readonly rejection: Rejection };

/** One transition of the present state, as `fire` would see it for this actor now. */
export type AvailableTransition = {
  readonly name: string;
  readonly title: string;
  readonly to: string;
  readonly allowed: boolean;
  /** Empty exactly when `allowed`. */
  readonly reasons: readonly Reason[];
  readonly requiresComment: boolean;
  /** JSON Schema of the input, as written in the definition; null when the transition takes none. */
  readonly inputSchema: InputSchema | null;
  /** Makes the form that is to be filled in; null when there is none. */
  readonly form: (() => DeliveredForm) | null;
};

export type CompileOptions = {
  /** Gives line and column of a path (from `parseDefinition`), so that problems carry them. */
  readonly locate?: (path: readonly (string | number)[]) => { readonly line: number; readonly column: number } | undefined;
  /** Role keys of the tenant. When given, another role key is a problem. */
  readonly knownRoles?: readonly string[];
  /** Permission keys of the platform. When given, another permission key is a problem. */
  readonly knownPermissions?: readonly string[];
  /** What an id in the text stands for in actors and snapshots; null: there is no such user or team. When absent, an id stands for itself. */
  readonly readId?: ReadId;
  /** How conditions, templates and actions see an id of an actor or a snapshot. When absent, as it is. */
  readonly showId?: ShowId;
};

export type ReadId = (kind: "user" | "team", id: string) => string | null;
export type ShowId = (kind: "user" | "team" | "vendor", id: string) => string;

export type CompileResult =
  | { readonly ok: true; readonly machine: Machine }
  | { readonly ok: false; readonly problems: readonly Problem[] };
