import { GraphQLObjectType, Kind, OperationTypeNode, getNamedType, getOperationAST } from "graphql";
import type { DocumentNode, FieldNode, GraphQLSchema, SelectionNode, SelectionSetNode } from "graphql";
import { collectFields, collectSubfields } from "graphql/execution/collectFields.js";
import { getVariableValues } from "graphql/execution/values.js";
import { fragmentsOf } from "../fragments-of.js";
import { written } from "../operation-text.js";
import type { Operation } from "../executor.js";

/** A mutation that opens sessions, split in two parts: the mutation itself, and the queries for the users in its payloads. */
export interface SplitOperation {
  readonly mutation: Operation;
  readonly payloads: readonly SessionPayload[];
}

export interface SessionPayload {
  /** Key of the mutation in the response. */
  readonly root: string;
  /** Key of the access token in the payload. */
  readonly token: string;
  /** Whether the client requested the token. */
  readonly isTokenShown: boolean;
  /** Keys of the payload's `user`. Each is a root field of `query`. */
  readonly users: readonly string[];
  /** A query for the new session. */
  readonly query: Operation;
}

/**
 * Splits a mutation whose payload has an access token and a `user` with more than plain values: lists, other objects, and other subgraphs' fields of
 * users depend on the viewer, and the viewer must be the session's user. Returns null for all other operations, and for those that would not be
 * executed anyway.
 * @param document the document of the operation; it is valid
 */
export function splitAtNewSessions(
  schema: GraphQLSchema,
  document: DocumentNode,
  { operationName, variables }: Pick<Operation, "operationName" | "variables">,
): SplitOperation | null {
  const operation = getOperationAST(document, operationName);
  const mutationType = schema.getMutationType();
  if (!operation || operation.operation !== OperationTypeNode.MUTATION || !mutationType) return null;
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variables, { maxErrors: 1 });
  if (!coerced) return null;

  const fragments = fragmentsOf(document);
  const byName = Object.fromEntries(fragments.map((fragment) => [fragment.name.value, fragment]));
  const original = { operation, fragments, variables };
  const payloads: SessionPayload[] = [];
  const roots: FieldNode[] = [];
  for (const [root, nodes] of collectFields(schema, byName, coerced, mutationType, operation.selectionSet)) {
    const [first] = nodes;
    const payloadType = first && sessionPayloadType(mutationType, first);
    const fields = payloadType ? collectSubfields(schema, byName, coerced, payloadType, [...nodes]) : new Map<string, FieldNode[]>();
    const users = [...fields].filter(([, [field]]) => field?.name.value === "user");
    if (!first || !users.some(([, found]) => found.some(asksForObjects))) {
      roots.push(...nodes);
      continue;
    }
    const shown = [...fields].find(([, [field]]) => field?.name.value === "accessToken")?.[0];
    const token = shown ?? freeKey(fields);
    const userKeys = users.map(([key]) => key);
    const selections: SelectionNode[] = [...fields].flatMap(([key, found]) =>
      userKeys.includes(key) ? [field("user", key, [typename])] : found,
    );
    if (shown === undefined) selections.push(field("accessToken", token));
    roots.push({ ...first, directives: [], selectionSet: selectionSetOf(selections) });
    const asked = users.map(([key, found]) =>
      field(
        "me",
        key,
        found.flatMap(({ selectionSet }) => selectionSet?.selections ?? []),
      ),
    );
    payloads.push({
      root,
      token,
      isTokenShown: shown !== undefined,
      users: userKeys,
      query: written(original, OperationTypeNode.QUERY, asked),
    });
  }
  return payloads.length === 0 ? null : { mutation: written(original, OperationTypeNode.MUTATION, roots), payloads };
}

/** Returns the names of the mutations that open sessions. Operations without any of these names need not be parsed. */
export function sessionMutations(schema: GraphQLSchema): readonly string[] {
  const mutationType = schema.getMutationType();
  return Object.values(mutationType?.getFields() ?? {}).flatMap(({ name, type }) => (isSessionPayload(getNamedType(type)) ? [name] : []));
}

function isSessionPayload(type: unknown): type is GraphQLObjectType {
  if (!(type instanceof GraphQLObjectType)) return false;
  const { accessToken, user } = type.getFields();
  return accessToken !== undefined && user !== undefined && getNamedType(user.type).name === "User";
}

function sessionPayloadType(mutationType: GraphQLObjectType, { name }: FieldNode): GraphQLObjectType | null {
  const definition = mutationType.getFields()[name.value];
  const type = definition && getNamedType(definition.type);
  return isSessionPayload(type) ? type : null;
}

/** Fragments count as objects, without looking into them. */
const asksForObjects = ({ selectionSet }: FieldNode): boolean =>
  selectionSet?.selections.some((selection) => selection.kind !== Kind.FIELD || selection.selectionSet !== undefined) ?? false;

const nameOf = (value: string) => ({ kind: Kind.NAME, value }) as const;
const selectionSetOf = (selections: readonly SelectionNode[]): SelectionSetNode => ({ kind: Kind.SELECTION_SET, selections });
const typename: FieldNode = { kind: Kind.FIELD, name: nameOf("__typename") };

function field(name: string, alias: string, selections?: readonly SelectionNode[]): FieldNode {
  return { kind: Kind.FIELD, name: nameOf(name), alias: nameOf(alias), ...(selections && { selectionSet: selectionSetOf(selections) }) };
}

function freeKey(taken: ReadonlyMap<string, unknown>): string {
  let key = "accessToken";
  while (taken.has(key)) key = `_${key}`;
  return key;
}
