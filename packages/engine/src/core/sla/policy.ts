/** Policies: targets that replace those of definitions. */
import { pathsOf } from "../conditions/paths.js";
import { FIXED_PATHS } from "../conditions/context.js";
import { parseCondition, type Parsed } from "../conditions/syntax/parse.js";
import { CALENDAR } from "../calendar/read.js";
import { parsePeriod } from "../calendar/periods.js";
import type { Period } from "../model/calendar.js";
import { pathText, type Condition, type ConditionRule } from "../model/condition.js";
import { didYouMean, quote } from "../model/problems.js";
import type { SlaRule, SlaWarning } from "../model/sla/rule.js";
import { holdsFor, type SlaView } from "./decide.js";
import type { ShowId } from "../model/compile-options.js";
import { badTarget, badWarning, keyOf, MAX_WARNINGS, parseWarning } from "./read.js";

/** A policy as users write it. */
export type PolicySource = {
  readonly id: string;
  /** Policies with lower positions are tried first. */
  readonly position: number;
  /** Null: every definition. */
  readonly definitionKey: string | null;
  /** Key of a rule in the definition; null: every rule. */
  readonly sla: string | null;
  /** Key of a request type; null: every instance, also without a request. */
  readonly requestType: string | null;
  /** Empty: all work. */
  readonly condition: string;
  readonly target: string;
  /** Null: those of the definition. */
  readonly warnings: readonly string[] | null;
  /** Null: that of the definition. */
  readonly calendar: string | null;
};

export type SlaPolicy = {
  readonly id: string;
  readonly position: number;
  readonly definitionKey: string | null;
  readonly sla: string | null;
  readonly requestType: string | null;
  readonly when: ConditionRule | null;
  readonly target: Period;
  readonly warn: readonly SlaWarning[] | null;
  readonly calendar: string | null;
};

export type PolicyProblem = { readonly path: string; readonly message: string };

const PATHS = [...FIXED_PATHS.keys()].filter((path) => path === "now" || path.startsWith("instance.") || path.startsWith("request."));

/**
 * Parses the condition of a policy. A policy can concern many definitions, so paths in the data are not checked: an absent value is never true.
 */
function parsePolicyCondition(source: string): Parsed<Condition> {
  const parsed = parseCondition(source);
  if (!parsed.ok) return parsed;
  const unknown = pathsOf(parsed.value).find((path) => path[0] !== "data" && !PATHS.includes(path.join(".")));
  if (!unknown) return parsed;
  const hint = didYouMean(unknown.join("."), [...PATHS, `data.${unknown.join(".")}`]);
  return { ok: false, message: `The condition of an SLA policy cannot read ${quote(pathText(unknown))}.${hint}` };
}

/** Reads a policy. Returns every problem, with its path in the source. */
export function readPolicy(source: PolicySource): { readonly policy: SlaPolicy | null; readonly problems: readonly PolicyProblem[] } {
  const problems: PolicyProblem[] = [];
  const target = parsePeriod(source.target);
  if (!target) problems.push({ path: "target", message: badTarget(source.target) });
  const warn = source.warnings?.flatMap((one, index) => {
    const warning = parseWarning(one);
    if (!warning) problems.push({ path: `warnings.${index}`, message: badWarning(one) });
    return warning ? [warning] : [];
  });
  if (warn && warn.length > MAX_WARNINGS)
    problems.push({ path: "warnings", message: `There are ${warn.length} warnings; the maximum is ${MAX_WARNINGS}.` });
  if (source.calendar !== null && !CALENDAR.test(source.calendar))
    problems.push({ path: "calendar", message: `${quote(source.calendar)} is not a valid calendar name. Names look like support.` });
  const condition = source.condition === "" ? null : parsePolicyCondition(source.condition);
  if (condition?.ok === false) problems.push({ path: "condition", message: condition.message });
  if (!target || problems.length > 0) return { policy: null, problems };
  const when = condition?.ok ? { tree: condition.value, source: source.condition } : null;
  const { id, position, definitionKey, sla, requestType, calendar } = source;
  return { policy: { id, position, definitionKey, sla, requestType, when, target, warn: warn ?? null, calendar }, problems };
}

/** Returns the first policy that applies to the rule for these data. */
export function policyFor(
  policies: readonly SlaPolicy[],
  rule: SlaRule,
  {
    definitionKey,
    view,
    at,
    showId,
  }: { readonly definitionKey: string; readonly view: SlaView; readonly at: string; readonly showId: ShowId | undefined },
): SlaPolicy | null {
  const key = keyOf(rule);
  const applies = (one: SlaPolicy): boolean =>
    (one.definitionKey === null || one.definitionKey === definitionKey) &&
    (one.sla === null || one.sla === key) &&
    (one.requestType === null || one.requestType === view.requestType) &&
    (one.when === null || holdsFor({ showId }, one.when, view, at));
  return policies.find(applies) ?? null;
}

/** What a clock of a rule counts towards for these data, before it is fixed in seconds. */
export type ChosenTarget = {
  readonly target: Period;
  readonly warn: readonly SlaWarning[];
  /** Name of the calendar; null: the default one. */
  readonly calendar: string | null;
  /** Names the target, and the policy if one replaces it. */
  readonly basis: string;
};

/** Returns the target of the first policy that applies, or that of the definition; null: none applies. */
export function targetFor(policies: readonly SlaPolicy[], rule: SlaRule, facts: Parameters<typeof policyFor>[2]): ChosenTarget | null {
  const { view, at, showId } = facts;
  const policy = policyFor(policies, rule, facts);
  if (policy)
    return {
      target: policy.target,
      warn: policy.warn ?? rule.warn,
      calendar: policy.calendar ?? rule.calendar,
      basis: `policy ${policy.id}`,
    };
  const index = rule.targets.findIndex(({ when }) => when === null || holdsFor({ showId }, when, view, at));
  const found = rule.targets[index];
  return found ? { target: found.target, warn: rule.warn, calendar: rule.calendar, basis: String(index) } : null;
}
