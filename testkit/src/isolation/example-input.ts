import { type IdType, objectTypes } from "@weft/shared/ids";
import {
  getNamedType,
  getNullableType,
  type GraphQLInputType,
  isEnumType,
  isInputObjectType,
  isListType,
  isRequiredInputField,
} from "graphql";
import { fresh } from "../fresh.js";
import type { TestUser } from "../test-user.js";
import { composedApi, operationOf, type RootField, rootFieldsOf } from "./api-schema.js";

const mutationRoots: ReadonlyMap<string, RootField> = new Map(
  rootFieldsOf(composedApi()).flatMap((root) => (root.kind === "mutation" ? [[root.name, root] as const] : [])),
);

const scalars: Readonly<Record<string, () => unknown>> = {
  String: () => fresh("X"),
  Int: () => 1,
  Float: () => 1,
  Boolean: () => true,
  Date: () => "2026-03-02",
  DateTime: () => "2026-03-02T09:00:00Z",
  JSON: () => ({}),
};

/** Returns a value of the type, with its required fields only. */
function example(type: GraphQLInputType): unknown {
  if (isListType(getNullableType(type))) return [];
  const named = getNamedType(type);
  if (isEnumType(named)) return named.getValues()[0]?.value as unknown;
  if (!isInputObjectType(named)) return scalars[named.name]?.();
  const required = Object.values(named.getFields()).filter(isRequiredInputField);
  return Object.fromEntries(required.map((field) => [field.name, example(field.type)]));
}

const inputTypeOf = ({ field }: RootField) => {
  const type = field.args[0] && getNamedType(field.args[0].type);
  return isInputObjectType(type) ? type : undefined;
};

/** Returns the type of object that a mutation changes or ends: `floor` for `updateFloor`. */
function objectOf(mutation: string): IdType | undefined {
  const [, first = "", rest = ""] = /^(?:update|delete|deactivate|reactivate)(.)(.*)$/.exec(mutation) ?? [];
  const type = first.toLowerCase() + rest;
  return type in objectTypes ? (type as IdType) : undefined;
}

/**
 * Creates an object with the mutation of its type, and returns its ID.
 * @throws if there is no such mutation, or it needs more than its required fields
 */
export async function createExample(type: IdType, admin: TestUser): Promise<string> {
  const root = mutationRoots.get(`create${type.charAt(0).toUpperCase()}${type.slice(1)}`);
  if (root === undefined)
    throw new Error(`No mutation is called create and the name of the type ${type}. Create an object in makeFixture.`);
  const input = await exampleInput(root, admin);
  const created = await admin.run<Record<string, Record<string, { readonly id: string }>>>(operationOf(root, `{ ${type} { id } }`), {
    input,
  });
  const id = created[root.name]?.[type]?.id;
  if (id === undefined) throw new Error(`${root.name} returned no ${type}.`);
  return id;
}

/**
 * Returns an input with the required fields of a mutation. A mutation that changes or ends an object gets a new one, and a new text in its first
 * optional field.
 */
export async function exampleInput(root: RootField, admin: TestUser): Promise<Record<string, unknown>> {
  const type = inputTypeOf(root);
  if (type === undefined) return {};
  const input = example(type) as Record<string, unknown>;
  const object = objectOf(root.name);
  if (object === undefined) return input;
  const text = Object.values(type.getFields()).find((field) => field.name !== "idempotencyKey" && String(field.type) === "String");
  return { ...input, id: await createExample(object, admin), ...(text && { [text.name]: fresh("X") }) };
}
