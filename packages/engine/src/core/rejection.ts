/** How the core says no: with every reason, or with every problem of what was given. */

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

/** What is wrong with data, input or comment; `path` begins with `data`, `input`, `comment` or `reason`. */
export type InputProblem = { readonly path: string; readonly message: string };

/** TRANSITION_REJECTED has every failed reason; BAD_USER_INPUT has every problem. The other list is empty. */
export type Rejection = {
  readonly code: "TRANSITION_REJECTED" | "BAD_USER_INPUT";
  readonly reasons: readonly Reason[];
  readonly problems: readonly InputProblem[];
};

/** `FireResult` for data, input or a comment that does not fit. */
export function badInput(problems: readonly InputProblem[]): { ok: false; rejection: Rejection } {
  return { ok: false, rejection: { code: "BAD_USER_INPUT", reasons: [], problems } };
}

/** `FireResult` for what may not be done now, or not by this actor. */
export function rejected(reasons: Rejection["reasons"]): { ok: false; rejection: Rejection } {
  return { ok: false, rejection: { code: "TRANSITION_REJECTED", reasons, problems: [] } };
}
