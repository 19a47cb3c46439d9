import { evaluateCondition } from "../conditions/evaluate.js";
import type { RoutingFacts, RoutingRule } from "./rule.js";

/** One rule, looked at. `reasons`: why it does not apply. */
export type RoutingVerdict<R extends RoutingRule = RoutingRule> = {
  readonly rule: R;
  readonly applies: boolean;
  readonly reasons: readonly string[];
};

/** Every rule with its verdict, in their order: routing takes the first that applies, testing shows them all. Pure. */
export function judgeRules<R extends RoutingRule>(rules: readonly R[], facts: RoutingFacts): RoutingVerdict<R>[] {
  return rules.map((rule) => {
    const reasons = [...timeReasons(rule, facts), ...conditionReasons(rule, facts)];
    return { rule, applies: reasons.length === 0, reasons };
  });
}

function timeReasons({ duringWorkingHours }: RoutingRule, { time }: RoutingFacts): string[] {
  if (duringWorkingHours === null || duringWorkingHours === time.isWorking) return [];
  const at = `${time.weekday}, ${time.date} ${time.time}`;
  return [duringWorkingHours ? `It is outside of working hours: ${at}.` : `It is within working hours: ${at}.`];
}

function conditionReasons({ when }: RoutingRule, facts: RoutingFacts): string[] {
  if (!when) return [];
  const verdict = evaluateCondition(when.tree, facts);
  return verdict.holds ? [] : verdict.failures.map(({ message }) => message);
}
