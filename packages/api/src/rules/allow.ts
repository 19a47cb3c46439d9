import { Extensions } from "type-graphql";
import type { Rule } from "./rule.js";

const prefix = "weft.rule.";

/**
 * Declares who can read a field, run a root field, or (on an object type) read all its fields without their own rule. This is the only source of
 * rules: a field without a rule prevents the start. The rule of a subclass takes precedence over that of its superclass.
 */
export function Allow(rule: Rule): PropertyDecorator & MethodDecorator & ClassDecorator {
  return (target: object, property?: string | symbol, descriptor?: PropertyDescriptor) => {
    const owner = typeof target === "function" ? target : target.constructor;
    // type-graphql merges the extensions of a class and its superclasses in an order that changes with every schema that it builds. The depth in the
    // name keeps them apart.
    const extend: (...args: never[]) => void = Extensions({ [`${prefix}${depthOf(owner)}`]: rule });
    Reflect.apply(extend, undefined, [target, property, descriptor]);
  };
}

/** Returns the rule in the extensions of a field or type: that of the most derived class. */
export function ruleIn(extensions: Readonly<Record<string | symbol, unknown>>): Rule | undefined {
  const [nearest] = Object.keys(extensions)
    .filter((name) => name.startsWith(prefix))
    .sort((a, b) => Number(b.slice(prefix.length)) - Number(a.slice(prefix.length)));
  return nearest === undefined ? undefined : (extensions[nearest] as Rule);
}

function depthOf(owner: object): number {
  let depth = 0;
  for (let at: unknown = owner; typeof at === "function" && at !== Function.prototype; at = Object.getPrototypeOf(at)) depth++;
  return depth;
}
