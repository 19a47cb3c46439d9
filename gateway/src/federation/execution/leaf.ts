import { type GraphQLLeafType, isEnumType } from "graphql";
import type { Json } from "./json.js";

const integer = /^-?(?:0|[1-9][0-9]*)$/;

/** Returns whether a value of a subgraph is one of the type. Custom scalars are serialized by the subgraph and accepted as they are. */
export function leafCheckOf(type: GraphQLLeafType): (value: Json) => boolean {
  if (isEnumType(type)) return (value) => typeof value === "string" && type.getValue(value) !== undefined;
  switch (type.name) {
    case "Boolean":
      return (value) => typeof value === "boolean";
    case "Int":
      return isInteger;
    case "Float":
      return (value) => typeof value === "number" && Number.isFinite(value);
    case "ID":
      return (value) => typeof value === "string" || isInteger(value);
    case "String":
      return (value) => typeof value === "string";
    default:
      return () => true;
  }
}

const isInteger = (value: Json): boolean => typeof value === "number" && integer.test(String(value));
