/** How the core rejects a request: with every reason, or with every problem of the input. */

/** The rule that rejected the request. `transition`: no such name in the definition; `status`: the instance is not running. */
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
  /** The task is not finished: checklist items are open, or a question is waiting for an answer. */
  | "checklist"
  | "question"
  /** Users cannot fire it: the transition is automatic, or votes decide it. */
  | "automatic"
  | "votes"
  /** The request that the instance belongs to waits for other requests. */
  | "blocked"
  /** The definition that the instance runs on cannot be read. */
  | "definition";

/** One reason, a full sentence. `path` is the path of a value in a condition (`data.estimate`), `roles` the keys of the roles in the sentence. */
export type Reason = { readonly rule: ReasonRule; readonly message: string; readonly path?: string; readonly roles?: readonly string[] };

/** Result of evaluating one rule of a transition. `message` states the rule; for a condition that does not hold, the values that it read. */
export type RuleResult = Reason & {
  /**
   * Where the rule is: `allow.roles`, `allow.any[0].owner`, `when`; `tasks`, `links`, `state`, `status`, `transition` for rules that are not in
   * the definition.
   */
  readonly at: string;
  readonly holds: boolean;
  /** One of several alternatives, of which one is enough. */
  readonly isAlternative: boolean;
};

/** A problem of data, input or comment. `path` begins with `data`, `input`, `comment` or `reason`. */
export type InputProblem = { readonly path: string; readonly message: string };

/** TRANSITION_REJECTED has every failed reason; BAD_USER_INPUT has every problem. The other list is empty. */
export type Rejection = {
  readonly code: "TRANSITION_REJECTED" | "BAD_USER_INPUT";
  readonly reasons: readonly Reason[];
  readonly problems: readonly InputProblem[];
};

const MAX_REASON_CHARS = 2000;

/** Returns messages as one text of limited length, for a record of what could not be done. */
export const reasonText = (messages: readonly string[]): string => messages.join(" ").slice(0, MAX_REASON_CHARS);

/** Returns the problems as one text. */
export const problemsText = (problems: readonly InputProblem[]): string =>
  reasonText(problems.map(({ path, message }) => `${path}: ${message}`));

/** Returns the `FireResult` for invalid data, input or comment. */
export function badInput(problems: readonly InputProblem[]): { ok: false; rejection: Rejection } {
  return { ok: false, rejection: { code: "BAD_USER_INPUT", reasons: [], problems } };
}

/** Returns the `FireResult` for a request that is not allowed now, or not for this actor. */
export function rejected(reasons: Rejection["reasons"]): { ok: false; rejection: Rejection } {
  return { ok: false, rejection: { code: "TRANSITION_REJECTED", reasons, problems: [] } };
}
