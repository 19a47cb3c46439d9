import "reflect-metadata";
import { Field, ObjectType } from "type-graphql";
import { Allow } from "../rules/allow.js";
import { inherit } from "../rules/rules.js";

type Class<T> = abstract new (...args: never[]) => T;

/**
 * Declares the payload of mutations that return an object: `const BuildingPayload = payloadOf(Building, "building")` is the type `BuildingPayload` with
 * the field `building`.
 * @param field of the payload
 * @param noun of descriptions: "Payload of a mutation that returns a building." Default: the name of the class in words
 */
export function payloadOf<T extends object, const Name extends string>(
  type: Class<T>,
  field: Name,
  noun: string = type.name.replace(/\B[A-Z]/g, (letter) => ` ${letter}`).toLowerCase(),
): new () => Readonly<Record<Name, T>> {
  @ObjectType(`${type.name}Payload`, { description: `Payload of a mutation that returns ${/^[aeio]/.test(noun) ? "an" : "a"} ${noun}.` })
  @Allow(inherit)
  class Payload {}
  Field(() => type, { description: `The ${noun} as it is after the call.` })(Payload.prototype, field);
  return Payload as new () => Readonly<Record<Name, T>>;
}
