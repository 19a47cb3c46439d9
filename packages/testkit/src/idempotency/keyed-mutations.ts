import { getNamedType, isInputObjectType } from "graphql";
import { composedApi, rootFieldsOf } from "../isolation/api-schema.js";

/** The names of the mutations whose input has an `idempotencyKey`, in the schema as it is composed of the code. */
export function keyedMutations(): string[] {
  return rootFieldsOf(composedApi())
    .filter(({ kind, field }) => kind === "mutation" && field.args.some(({ type }) => hasKey(getNamedType(type))))
    .map(({ name }) => name);
}

const hasKey = (type: unknown): boolean => isInputObjectType(type) && "idempotencyKey" in type.getFields();
