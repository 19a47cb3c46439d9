import {
  type DirectiveNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  print,
  type SelectionNode,
} from "graphql";

/** What the selections of an operation refer to. */
export interface Scope {
  readonly schema: GraphQLSchema;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  /** Values of the variables that `@skip` and `@include` use. */
  readonly conditions: Readonly<Record<string, boolean>>;
}

export type Selections = readonly SelectionNode[];

/** A response name of an object: the field, the type in which it stands, and all that is selected of its value. */
export interface ResponseField {
  readonly name: string;
  readonly node: FieldNode;
  readonly parentType: GraphQLCompositeType;
  readonly selections: readonly Selections[];
}

interface Collection extends Scope {
  readonly typename: string | undefined;
  readonly found: Map<string, ResponseField & { readonly selections: Selections[] }>;
}

/**
 * Collects the fields that an operation selects of an object, in the order of Apollo's responses: as in CollectFields of the GraphQL specification,
 * but equal fields and fragments that stand beside each other are one.
 *
 * @param typename type of the object as it says itself, if it does
 * @param parentType type of the object, or its declared type if it does not say it
 */
export function collectFields(
  lists: readonly Selections[],
  { typename, parentType, ...scope }: Scope & { readonly typename: string | undefined; readonly parentType: GraphQLCompositeType },
): ResponseField[] {
  const found: Collection["found"] = new Map();
  for (const selections of lists) collect(selections, parentType, { ...scope, typename, found });
  return [...found.values()];
}

function collect(selections: Selections, parentType: GraphQLCompositeType, collection: Collection): void {
  const { schema, fragments, conditions, found } = collection;
  for (const { node, inner } of joined(selections)) {
    if (!isKept(node.directives, conditions)) continue;
    if (node.kind === Kind.FIELD) {
      const name = node.alias?.value ?? node.name.value;
      const known = found.get(name);
      if (known) known.selections.push(inner);
      else found.set(name, { name, node, parentType, selections: [inner] });
      continue;
    }
    const fragment = node.kind === Kind.FRAGMENT_SPREAD ? fragments[node.name.value] : node;
    const condition = fragment?.typeCondition ? schema.getType(fragment.typeCondition.name.value) : parentType;
    if (!fragment || !isCompositeType(condition) || !applies(condition, parentType, collection)) continue;
    collect(node.kind === Kind.FRAGMENT_SPREAD ? fragment.selectionSet.selections : inner, condition, collection);
  }
}

/** Joins equal selections, with everything inside them, at the place of the first one. */
function joined(selections: Selections): Iterable<{ readonly node: SelectionNode; readonly inner: Selections }> {
  const found = new Map<string, { readonly node: SelectionNode; readonly inner: SelectionNode[] }>();
  for (const node of selections) {
    const { selectionSet, ...own } = node as FieldNode;
    const key = print(own);
    const known = found.get(key);
    if (known) known.inner.push(...(selectionSet?.selections ?? []));
    else found.set(key, { node, inner: [...(selectionSet?.selections ?? [])] });
  }
  return found.values();
}

/** Evaluates `@skip` and `@include`. */
function isKept(directives: readonly DirectiveNode[] = [], conditions: Scope["conditions"]): boolean {
  return directives.every(({ name, arguments: given }) => {
    if (name.value !== "skip" && name.value !== "include") return true;
    const value = given?.find((argument) => argument.name.value === "if")?.value;
    const condition = value?.kind === Kind.VARIABLE ? conditions[value.name.value] : value?.kind === Kind.BOOLEAN && value.value;
    return condition === (name.value === "include");
  });
}

function applies(condition: GraphQLCompositeType, parentType: GraphQLCompositeType, { schema, typename }: Collection): boolean {
  const type = typename === undefined ? parentType : schema.getType(typename);
  if (type === condition) return true;
  return isAbstractType(condition) && (isObjectType(type) || isInterfaceType(type)) && schema.isSubType(condition, type);
}
