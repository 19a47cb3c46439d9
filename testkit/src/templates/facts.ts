import type { Machine } from "@weft/engine";
import type { ApiError } from "@weft/standalone";

type State = Machine["states"] extends ReadonlyMap<string, infer S> ? S : never;
type Transition = Machine["states"] extends ReadonlyMap<string, { readonly transitions: ReadonlyMap<string, infer T> }> ? T : never;
type Allow = NonNullable<Transition["allow"]>;

/** Part of a definition that a refusal concerned. */
interface Place {
  readonly state: string;
  readonly transition: string;
  /** Task to complete. */
  readonly rule?: string | null;
  /** Whether the task was over. */
  readonly isLate?: boolean;
}

const alternatives = new Set(["owner", "assignee", "candidate", "role", "permission"]);

/**
 * Returns the facts that a refusal proves, as `state.transition rule`: `allow`, `when`, `votes`, `automatic`, `checklist`, `notSameAs owner`,
 * `comment`, `input`, `late`. Only refusals by a single rule count. Otherwise, another rule could be missing without being noticed.
 */
export function factsOf({ extensions = {} }: ApiError, { state, transition, rule = null, isLate = false }: Place): string[] {
  const at = `${state}.${transition}`;
  const { reasons = [], problems = [] } = extensions as {
    reasons?: readonly { readonly code: string; readonly message: string }[];
    problems?: readonly { readonly path: string }[];
  };
  if (isLate) return reasons.length > 0 ? [`${at} late`] : [];
  if (problems.length > 0) {
    const isComment = problems.every(({ path }) => path === "input.comment");
    if (isComment) return [`${at} comment`];
    return problems.every(({ path }) => path.startsWith("input.input"))
      ? [`${at} input`, ...(rule === null ? [] : [`${state}:${rule} input`])]
      : [];
  }
  // Voting rights and unchecked items can be reported in addition to other reasons.
  const found = [...new Set(reasons.map(({ code }) => (alternatives.has(code) ? "allow" : code)))];
  const [only = found[0], ...more] = found.filter((code) => code !== "votes" && code !== "checklist");
  if (only === undefined || more.length > 0) return [];
  if (only === "notSameAs") {
    const whom = reasons.flatMap(({ code, message }) => (code === "notSameAs" ? [excluded(message)] : []));
    return whom.length === 1 ? [`${at} notSameAs ${whom.join()}`] : [];
  }
  return [`${at} ${only}`, ...(only === "checklist" ? [`${state}:${rule} checklist`] : [])];
}

/** Parses `A user who did "Approve" in the state "Review" cannot …` and `The owner cannot …`. */
const excluded = (message: string): string => /did (.+) cannot do this/.exec(message)?.[1] ?? /^The (\w+)/.exec(message)?.[1] ?? "";

/** Returns whom a `notSameAs` excludes, as refusals say it. */
function excludedText({ states }: Machine, who: string): string {
  const [name = "", transition = ""] = who.split(".");
  const state = states.get(name);
  const title = state?.transitions.get(transition)?.title;
  return state && title !== undefined ? `"${title}" in the state "${state.title}"` : who;
}

/** Returns all facts that the walks of a definition must prove: each transition is taken, and each of its rules refuses somebody. */
export function factsNeeded(machine: Machine): string[] {
  return [...machine.states.values()].flatMap((state) => [
    ...[...state.transitions.values()].flatMap((transition) =>
      factsOfTransition(machine, state, transition).map((fact) => `${state.name}.${transition.name} ${fact}`),
    ),
    ...state.tasks.flatMap(({ rule, form, checklist }) => [
      ...(form ? [`${state.name}:${rule} input`] : []),
      ...(checklist.length > 0 ? [`${state.name}:${rule} checklist`] : []),
    ]),
  ]);
}

function factsOfTransition(
  machine: Machine,
  { join, decide, tasks }: State,
  { name, isAutomatic, allow, when, requiresComment, input }: Transition,
): string[] {
  if (join && (join.fires === name || join.otherwise === name)) return ["taken", "automatic"];
  // No user acts in a state that is passed through automatically.
  if (isAutomatic || decide?.otherwise === name) return ["taken"];
  // Filled in with the task's own form, which is checked above.
  const isAsked = input !== null && (decide === null || tasks.some(({ form }) => form === null));
  return [
    "taken",
    ...(allow && hasAlternatives(allow) ? ["allow"] : []),
    ...(allow ? othersNeeded(allow).map((who) => `notSameAs ${excludedText(machine, who)}`) : []),
    ...(when ? ["when"] : []),
    ...(requiresComment ? ["comment"] : []),
    ...(isAsked ? ["input"] : []),
    ...(decide?.needed.has(name) ? ["votes", "late"] : []),
  ];
}

const hasAlternatives = ({ owner, assignee, candidate, roles, permissions, any, all }: Allow): boolean =>
  owner || assignee || candidate || roles.length + permissions.length + any.length > 0 || all.some(hasAlternatives);

const othersNeeded = ({ notSameAs, any, all }: Allow): string[] => [...notSameAs, ...[...any, ...all].flatMap(othersNeeded)];
