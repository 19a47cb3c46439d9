import { getNamedType, isInputObjectType } from "graphql";
import { composedApi, rootFieldsOf } from "../isolation/api-schema.js";

/** Returns the names of the mutations whose input has an `idempotencyKey`, according to the schema composed from the code. */
export function keyedMutations(): string[] {
  return rootFieldsOf(composedApi())
    .filter(({ kind, field }) => kind === "mutation" && field.args.some(({ type }) => hasKey(getNamedType(type))))
    .map(({ name }) => name);
}

const hasKey = (type: unknown): boolean => isInputObjectType(type) && "idempotencyKey" in type.getFields();
