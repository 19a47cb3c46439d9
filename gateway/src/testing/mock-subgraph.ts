import { createHash } from "node:crypto";
import {
  execute,
  getNamedType,
  getNullableType,
  GraphQLError,
  type GraphQLFieldResolver,
  type GraphQLOutputType,
  type GraphQLSchema,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isListType,
  isNonNullType,
  parse,
} from "graphql";
import type { SubgraphClient, SubgraphResponse } from "../subgraphs/client.js";

/** An object of a mock subgraph: what the gateway sent of it, or where it comes from. */
interface MockObject {
  readonly __typename: string;
  readonly key: string;
  readonly [field: string]: unknown;
}

/**
 * Answers any operation on a schema without resolvers. All values follow from the object, the field and its arguments, so equal calls have equal
 * answers. Some fields are null, some fail, and some entities are unknown.
 */
export function mockSubgraph(name: string, schema: GraphQLSchema): SubgraphClient {
  const fieldResolver: GraphQLFieldResolver<unknown, unknown> = (source, given, _context, info) => {
    const { fieldName, returnType } = info;
    if (fieldName === "_entities") return (given as { representations: MockObject[] }).representations.map(entityOf);
    const object = source as Partial<MockObject> | undefined;
    if (object && Object.hasOwn(object, fieldName)) return object[fieldName];
    return valueOf(returnType, `${object?.key ?? info.operation.operation}.${fieldName}${JSON.stringify(given)}`, schema);
  };
  return {
    name,
    send: async ({ query, variables }) => {
      const result = await execute({
        schema,
        document: parse(query),
        variableValues: variables,
        fieldResolver,
        typeResolver: (value) => (value as MockObject).__typename,
      });
      // As over HTTP: plain objects that nobody else has.
      return JSON.parse(JSON.stringify(result)) as SubgraphResponse;
    },
    isAvailable: () => Promise.resolve(true),
    close: () => Promise.resolve(),
  };
}

function entityOf(representation: MockObject): unknown {
  const key = JSON.stringify(representation);
  const chance = draw(key, 100);
  if (chance < 4) return null;
  if (chance < 8) return new GraphQLError(`The entity ${key} failed.`, { extensions: { code: "NOT_FOUND" } });
  return { ...representation, key };
}

function valueOf(type: GraphQLOutputType, seed: string, schema: GraphQLSchema): unknown {
  const chance = draw(`${seed}?`, 100);
  if (chance < 2) throw new GraphQLError(`The field ${seed} failed.`, { extensions: { code: "CONFLICT" } });
  if (!isNonNullType(type) && chance < 12) return null;
  const nullable = getNullableType(type);
  if (isListType(nullable))
    return Array.from({ length: draw(`${seed}#`, 4) }, (_, index) => itemOf(nullable.ofType, `${seed}[${index}]`, schema));
  const named = getNamedType(type);
  if (isEnumType(named)) return named.getValues()[draw(seed, named.getValues().length)]?.value;
  if (isCompositeType(named)) {
    const types = isAbstractType(named) ? schema.getPossibleTypes(named) : [named];
    const name = types[draw(seed, types.length)]?.name ?? named.name;
    // Few objects of each type, so that the same one occurs in many places.
    const id = `${name}-${draw(seed, 5)}`;
    return { __typename: name, key: id, id } satisfies MockObject;
  }
  return scalarOf(named.name, seed);
}

/** Failures and nulls of items, too. */
function itemOf(type: GraphQLOutputType, seed: string, schema: GraphQLSchema): unknown {
  try {
    return valueOf(type, seed, schema);
  } catch (error) {
    return error;
  }
}

function scalarOf(name: string, seed: string): unknown {
  const number = draw(seed, 1_000);
  if (name === "Int") return number;
  if (name === "Float") return number / 8;
  if (name === "Boolean") return number % 2 === 0;
  return name === "JSON" ? { number, list: [number, null] } : `${name} ${number}`;
}

/** Returns a number below `limit` that follows from the seed. */
const draw = (seed: string, limit: number): number => createHash("sha256").update(seed).digest().readUInt32BE() % limit;
