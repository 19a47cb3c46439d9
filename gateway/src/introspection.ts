import { executeSync, Kind, OperationTypeNode } from "graphql";
import type {
  DocumentNode,
  ExecutionResult,
  FieldNode,
  FragmentDefinitionNode,
  GraphQLSchema,
  OperationDefinitionNode,
  SelectionSetNode,
} from "graphql";
import { fragmentsByName, fragmentsOf } from "./fragments-of.js";
import { rootFieldsOf } from "./limits/anonymous.js";
import type { Variables } from "./limits/page-size.js";

const introspection: ReadonlySet<string> = new Set(["__schema", "__type"]);

/** A query that asks about the schema. Each part has all response keys of the query, in order. The other part's fields are type names in it. */
export interface SplitQuery {
  /** The part that the schema answers. */
  readonly introspection: DocumentNode;
  /** The part that the subgraphs answer. Undefined if the query asks for nothing else. */
  readonly rest: { readonly operation: OperationDefinitionNode; readonly fragments: readonly FragmentDefinitionNode[] } | undefined;
  /** Response keys that the schema answers. */
  readonly keys: ReadonlySet<string>;
}

/** Splits a valid query. Returns undefined if it does not ask about the schema. */
export function splitIntrospection(document: DocumentNode, operation: OperationDefinitionNode): SplitQuery | undefined {
  if (operation.operation !== OperationTypeNode.QUERY) return undefined;
  const names = rootFieldsOf(document, operation.selectionSet);
  if (![...names].some((name) => introspection.has(name))) return undefined;
  const keys = new Set<string>();
  const roots = rootFragments(document, operation);
  const keeping = (isKept: (field: FieldNode) => boolean) => ({
    operation: { ...operation, selectionSet: withTypeNames(operation.selectionSet, isKept) },
    fragments: fragmentsOf(document).map((fragment) =>
      roots.has(fragment) ? { ...fragment, selectionSet: withTypeNames(fragment.selectionSet, isKept) } : fragment,
    ),
  });
  const asked = keeping((field) => {
    const isKept = introspection.has(field.name.value);
    if (isKept) keys.add(keyOf(field));
    return isKept;
  });
  const isOnly = [...names].every((name) => name === "__typename" || introspection.has(name));
  return {
    introspection: { kind: Kind.DOCUMENT, definitions: [asked.operation, ...asked.fragments] },
    rest: isOnly ? undefined : keeping(({ name }) => !introspection.has(name.value)),
    keys,
  };
}

/** Returns what a schema answers to its part of a query. */
export const answerOfSchema = (
  schema: GraphQLSchema,
  { introspection: document }: SplitQuery,
  variableValues: Variables,
): ExecutionResult => executeSync({ schema, document, variableValues });

/** Returns the data of both parts of a query. */
export const mergedData = <T extends Readonly<Record<string, unknown>>>(
  rest: T,
  { keys }: SplitQuery,
  answered: Readonly<Record<string, unknown>>,
): T => Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, keys.has(key) ? answered[key] : value])) as T;

const keyOf = ({ alias, name }: FieldNode): string => alias?.value ?? name.value;

/** Replaces the fields of a root selection by type names, except those that are kept. Directives stay, so the same keys are skipped. */
function withTypeNames({ kind, selections }: SelectionSetNode, isKept: (field: FieldNode) => boolean): SelectionSetNode {
  return {
    kind,
    selections: selections.map((selection) => {
      if (selection.kind === Kind.INLINE_FRAGMENT) return { ...selection, selectionSet: withTypeNames(selection.selectionSet, isKept) };
      if (selection.kind === Kind.FRAGMENT_SPREAD || isKept(selection)) return selection;
      const { directives = [] } = selection;
      const alias = { kind: Kind.NAME, value: keyOf(selection) } as const;
      return { kind: Kind.FIELD, name: { kind: Kind.NAME, value: "__typename" }, alias, directives };
    }),
  };
}

/** Returns the fragments whose fields are root fields of the operation. */
function rootFragments(document: DocumentNode, operation: OperationDefinitionNode): ReadonlySet<FragmentDefinitionNode> {
  const fragments = fragmentsByName(document);
  const found = new Set<FragmentDefinitionNode>();
  const look = ({ selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      if (selection.kind === Kind.INLINE_FRAGMENT) look(selection.selectionSet);
      if (selection.kind !== Kind.FRAGMENT_SPREAD) continue;
      const fragment = fragments.get(selection.name.value);
      if (!fragment || found.has(fragment)) continue;
      found.add(fragment);
      look(fragment.selectionSet);
    }
  };
  look(operation.selectionSet);
  return found;
}
