import { BadUserInput } from "@weft/shared/errors";
import { GraphQLError, Kind, OperationTypeNode, getArgumentValues, print, visit } from "graphql";
import type {
  ArgumentNode,
  DocumentNode,
  FieldNode,
  FragmentDefinitionNode,
  GraphQLSchema,
  OperationDefinitionNode,
  SelectionSetNode,
} from "graphql";
import { fragmentsByName } from "../../fragments-of.js";
import type { Variables } from "../../limits/page-size.js";

/** A subscription converted into the query that runs for each event. */
export interface Mirror {
  /** Name of the root field, which is the same in Subscription and Query. */
  readonly field: string;
  /** Key of the root field in the response. */
  readonly responseKey: string;
  /** Text of the query. Its variable `atVariable` takes the cursor of the event, or null for the check of rights. */
  readonly query: string;
  readonly atVariable: string;
  /** The subscription's variables that the query uses. */
  readonly variables: Variables;
  /** Arguments of the root field, coerced, without `after`. */
  readonly args: Readonly<Record<string, unknown>>;
  readonly after: string | null;
}

/**
 * Converts a validated subscription into a query: the same root field with `at` (the cursor of an event) instead of `after`. Fragments on
 * Subscription are inlined. Unused fragments and variables are removed, because they would make the query invalid.
 */
export function toMirror(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode, variables: Variables): Mirror {
  const fragments = fragmentsByName(document);
  const roots = rootFields(operation.selectionSet, fragments);
  const [first] = roots;
  const subscriptionType = schema.getSubscriptionType();
  const definition = first && subscriptionType?.getFields()[first.name.value];
  if (!first || !subscriptionType || !definition)
    throw new GraphQLError("A subscription must have exactly one root field.", { extensions: { code: "BAD_REQUEST" } });

  const { after, ...args } = getArgumentValues(definition, first, variables);
  const atVariable = freeName("at", new Set(operation.variableDefinitions?.map(({ variable }) => variable.name.value)));
  const at: ArgumentNode = { kind: Kind.ARGUMENT, name: { kind: Kind.NAME, value: "at" }, value: variable(atVariable) };
  const mirrored = roots.map((root) => ({
    ...root,
    arguments: [...(root.arguments ?? []).filter(({ name }) => name.value !== "after"), at],
  }));
  const kept = document.definitions.filter(
    (other): other is FragmentDefinitionNode =>
      other.kind === Kind.FRAGMENT_DEFINITION && other.typeCondition.name.value !== subscriptionType.name,
  );
  const selectionSet: SelectionSetNode = { kind: Kind.SELECTION_SET, selections: mirrored };
  const used = usedNames({ kind: Kind.DOCUMENT, definitions: [{ ...operation, variableDefinitions: [], selectionSet }, ...kept] });
  const declared = (operation.variableDefinitions ?? []).filter(({ variable: { name } }) => used.has(name.value));
  const query: DocumentNode = {
    kind: Kind.DOCUMENT,
    definitions: [
      {
        ...operation,
        operation: OperationTypeNode.QUERY,
        selectionSet,
        variableDefinitions: [
          ...declared,
          {
            kind: Kind.VARIABLE_DEFINITION,
            variable: variable(atVariable),
            type: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: "String" } },
          },
        ],
      },
      ...kept,
    ],
  };
  return {
    field: first.name.value,
    responseKey: first.alias?.value ?? first.name.value,
    query: print(query),
    atVariable,
    variables: Object.fromEntries(Object.entries(variables).filter(([name]) => used.has(name))),
    args,
    after: typeof after === "string" ? after : null,
  };
}

/** Returns the root fields, taken out of the fragments around them. Validation guarantees that they all have the same response key. */
function rootFields(set: SelectionSetNode, fragments: ReadonlyMap<string, FragmentDefinitionNode>): FieldNode[] {
  return set.selections.flatMap((selection) => {
    if (selection.directives?.length) {
      throw new BadUserInput([{ path: "query", message: "Directives are not supported on the root field of a subscription." }]);
    }
    if (selection.kind === Kind.FIELD) return [selection];
    if (selection.kind === Kind.INLINE_FRAGMENT) return rootFields(selection.selectionSet, fragments);
    const fragment = fragments.get(selection.name.value);
    return fragment ? rootFields(fragment.selectionSet, fragments) : [];
  });
}

function usedNames(document: DocumentNode): Set<string> {
  const names = new Set<string>();
  visit(document, { Variable: ({ name }) => void names.add(name.value) });
  return names;
}

function freeName(wanted: string, taken: ReadonlySet<string>): string {
  let name = wanted;
  while (taken.has(name)) name = `_${name}`;
  return name;
}

const variable = (name: string) => ({ kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: name } }) as const;
