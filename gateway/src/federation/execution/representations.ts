import { type GraphQLSchema, isAbstractType } from "graphql";
import { isJsonObject, type Json, type JsonObject } from "./json.js";
import { merge } from "./merge.js";
import { type RequiredSelection, Unsupported } from "./plan.js";

/** Returns what a fetch has to send of an entity, or null if a required field is missing. */
export type ReadRepresentation = (entity: JsonObject) => JsonObject | null;

/** Compiles the selection that a fetch requires of its entities. Throws Unsupported for a condition on an interface or a union. */
export function compileRepresentation(selections: readonly RequiredSelection[], schema: GraphQLSchema): ReadRepresentation {
  const steps = selections.map((selection) => compileSelection(selection, schema));
  return (entity) => {
    const representation: JsonObject = {};
    for (const step of steps) if (!step(entity, representation)) return null;
    return representation;
  };
}

/** Adds a selection to the representation. Returns false if its field is missing. */
type Step = (entity: JsonObject, representation: JsonObject) => boolean;

function compileSelection(selection: RequiredSelection, schema: GraphQLSchema): Step {
  if (selection.kind === "InlineFragment") {
    const read = compileRepresentation(selection.selections, schema);
    const { typeCondition } = selection;
    if (typeCondition === undefined) return () => true;
    if (isAbstractType(schema.getType(typeCondition))) throw new Unsupported("a representation of an interface");
    return (entity, representation) => {
      const part = entity["__typename"] === typeCondition ? read(entity) : null;
      if (part) merge(representation, part);
      return true;
    };
  }
  const name = selection.alias ?? selection.name;
  const read = selection.selections && compileRepresentation(selection.selections, schema);
  const partOf = (value: Json): Json => (read && isJsonObject(value) ? read(value) : value);
  return (entity, representation) => {
    const value = entity[name];
    if (value === undefined) return false;
    representation[name] = Array.isArray(value) ? value.map(partOf) : partOf(value);
    return true;
  };
}

/** Returns a text that is the same only for equal representations. Most of them are only a type and an ID, for which JSON would cost several times more. */
export function keyOfRepresentation(representation: JsonObject): string {
  let isTypeAndId = true;
  for (const name in representation) if (name !== "__typename" && name !== "id") isTypeAndId = false;
  const { __typename: type, id } = representation;
  return isTypeAndId && typeof type === "string" && typeof id === "string"
    ? `${type.length} ${type} ${id}`
    : JSON.stringify(representation);
}
