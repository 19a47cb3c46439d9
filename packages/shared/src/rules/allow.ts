import { Extensions } from "type-graphql";
import type { Rule } from "./rule.js";

const prefix = "weft.rule.";

/**
 * States who may read a field, run a root field, or (on an object type) read all its fields that state nothing themselves.
 * The only source of rules: a field without one stops the start. A subclass's rule goes before its superclass's.
 */
export function Allow(rule: Rule): PropertyDecorator & MethodDecorator & ClassDecorator {
  return (target: object, property?: string | symbol, descriptor?: PropertyDescriptor) => {
    const owner = typeof target === "function" ? target : target.constructor;
    // type-graphql merges the extensions of a class and its superclasses in an order that turns with every schema that it builds. With the
    // depth in the name they stay apart.
    const extend: (...args: never[]) => void = Extensions({ [`${prefix}${depthOf(owner)}`]: rule });
    Reflect.apply(extend, undefined, [target, property, descriptor]);
  };
}

/** The rule among the extensions of a field or a type: that of the most derived class. */
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
