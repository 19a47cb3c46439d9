import { Extensions } from "type-graphql";
import type { Rule } from "./rule.js";

/** Where type-graphql keeps the rule of a field or an object type. */
export const ruleExtension = "weft.rule";

/**
 * States who may read a field, run a root field, or (on an object type) read all its fields that state nothing themselves.
 * The only source of rules: a field without one stops the start.
 */
export function Allow(rule: Rule): PropertyDecorator & MethodDecorator & ClassDecorator {
  return Extensions({ [ruleExtension]: rule });
}
