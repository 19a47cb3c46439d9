/**
 * Routing: decides which of a tenant's routing rules applies to a piece of work, and why the others do not.
 * Equal rules and facts give equal answers.
 * This module never chooses a person and never reads how much work anybody has: the store does.
 */
import { evaluateCondition } from "../conditions/evaluate.js";
import type { RoutingFacts, RoutingRule } from "./rule.js";

/** Result of evaluating one rule. `reasons`: why it does not apply. */
export type RuleEvaluation<R extends RoutingRule = RoutingRule> = {
  readonly rule: R;
  readonly applies: boolean;
  readonly reasons: readonly string[];
};

/** Evaluates every rule, in order: routing takes the first that applies, testing shows them all. Pure. */
export function evaluateRules<R extends RoutingRule>(rules: readonly R[], facts: RoutingFacts): RuleEvaluation<R>[] {
  return rules.map((rule) => {
    const reasons = [...timeReasons(rule, facts), ...conditionReasons(rule, facts)];
    return { rule, applies: reasons.length === 0, reasons };
  });
}

function timeReasons({ duringWorkingHours }: RoutingRule, { time }: RoutingFacts): string[] {
  if (duringWorkingHours === null || duringWorkingHours === time.isWorking) return [];
  const at = `${time.weekday}, ${time.date} ${time.time}`;
  return [duringWorkingHours ? `It is outside working hours: ${at}.` : `It is within working hours: ${at}.`];
}

function conditionReasons({ when }: RoutingRule, facts: RoutingFacts): string[] {
  if (!when) return [];
  const result = evaluateCondition(when.tree, facts);
  return result.holds ? [] : result.failures.map(({ message }) => message);
}
