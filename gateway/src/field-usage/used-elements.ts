import {
  getNamedType,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  type OperationDefinitionNode,
  TypeInfo,
  typeFromAST,
  visit,
  visitWithTypeInfo,
} from "graphql";
import { fragmentsByName } from "../fragments-of.js";
import type { Variables } from "../limits/page-size.js";
import { resolveOperation } from "../operations.js";

/** The elements of the schema that an operation uses, whatever its variables are. */
export interface UsedElements {
  /** Coordinates: `Request.title`, `Query.requests(first:)`, `RenameInput.name`, `Priority.LOW`. */
  readonly coordinates: readonly string[];
  /** Variables whose values can use deprecated elements. Nearly always empty. */
  readonly variables: readonly { readonly name: string; readonly type: GraphQLInputType }[];
}

const known = new WeakMap<GraphQLSchema, WeakMap<DocumentNode, Map<string, UsedElements>>>();

/**
 * Returns the elements that a valid operation uses. Parsed documents are cached by their texts, so the operations of clients are read once.
 * A field of an interface counts as the field of the interface, not of the types behind it.
 */
export function usedElements(schema: GraphQLSchema, document: DocumentNode, operationName: string | undefined): UsedElements {
  let documents = known.get(schema);
  if (!documents) known.set(schema, (documents = new WeakMap()));
  let operations = documents.get(document);
  if (!operations) documents.set(document, (operations = new Map<string, UsedElements>()));
  const key = operationName ?? "";
  let used = operations.get(key);
  if (!used) operations.set(key, (used = read(schema, document, resolveOperation(document, operationName))));
  return used;
}

function read(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode): UsedElements {
  const found = new Set<string>();
  const fragments = fragmentsByName(document);
  const definitions = new Set<OperationDefinitionNode | FragmentDefinitionNode>([operation]);
  const types = new TypeInfo(schema);
  // A set can grow while it is iterated: its new members follow.
  for (const definition of definitions)
    visit(
      definition,
      visitWithTypeInfo(types, {
        Field: ({ name }) => {
          const parent = types.getParentType();
          if (parent && types.getFieldDef() && !isIntrospection(parent.name, name.value)) found.add(`${parent.name}.${name.value}`);
        },
        Argument: ({ name }) => {
          const [parent, field] = [types.getParentType(), types.getFieldDef()];
          if (parent && field && !types.getDirective() && !isIntrospection(parent.name, field.name))
            found.add(`${parent.name}.${field.name}(${name.value}:)`);
        },
        ObjectField: ({ name }) => {
          const input = getNamedType(types.getParentInputType());
          if (isInputObjectType(input)) found.add(`${input.name}.${name.value}`);
        },
        EnumValue: ({ value }) => {
          const input = getNamedType(types.getInputType());
          if (isEnumType(input)) found.add(`${input.name}.${value}`);
        },
        FragmentSpread: ({ name }) => {
          const fragment = fragments.get(name.value);
          if (fragment) definitions.add(fragment);
        },
      }),
    );
  const variables = (operation.variableDefinitions ?? []).flatMap(({ variable, type: node }) => {
    const type = typeFromAST(schema, node);
    return type && isInputType(type) && deprecatesInputs(schema).has(getNamedType(type)) ? [{ name: variable.name.value, type }] : [];
  });
  return { coordinates: [...found], variables };
}

const isIntrospection = (...names: readonly string[]): boolean => names.some((name) => name.startsWith("__"));

const deprecating = new WeakMap<GraphQLSchema, ReadonlySet<GraphQLNamedType>>();

/** Returns the input types and enums in whose values a deprecated element can occur. */
function deprecatesInputs(schema: GraphQLSchema): ReadonlySet<GraphQLNamedType> {
  const before = deprecating.get(schema);
  if (before) return before;
  const found = new Set<GraphQLNamedType>();
  const inputs = Object.values(schema.getTypeMap()).filter(isInputObjectType);
  for (const type of Object.values(schema.getTypeMap()))
    if (isEnumType(type) && type.getValues().some(({ deprecationReason }) => typeof deprecationReason === "string")) found.add(type);
  for (let size = -1; size !== found.size;) {
    size = found.size;
    for (const input of inputs) {
      const fields = Object.values(input.getFields());
      if (fields.some(({ type, deprecationReason }) => typeof deprecationReason === "string" || found.has(getNamedType(type))))
        found.add(input);
    }
  }
  deprecating.set(schema, found);
  return found;
}

/** Returns the deprecated input fields and values of enums in the variables of an operation. Other values are not read, because they can be long. */
export function deprecatedInVariables(
  schema: GraphQLSchema,
  { variables: declared }: UsedElements,
  values: Variables,
): ReadonlySet<string> {
  const found = new Set<string>();
  const types = deprecatesInputs(schema);
  const look = (type: GraphQLInputType, value: unknown): void => {
    if (value === undefined || value === null) return;
    if (isNonNullType(type)) return look(type.ofType, value);
    if (isListType(type)) {
      for (const item of Array.isArray(value) ? (value as readonly unknown[]) : [value]) look(type.ofType, item);
      return;
    }
    if (!types.has(type)) return;
    if (isEnumType(type)) {
      if (typeof value === "string" && typeof type.getValue(value)?.deprecationReason === "string") found.add(`${type.name}.${value}`);
    } else if (isInputObjectType(type) && typeof value === "object") {
      for (const field of Object.values(type.getFields())) {
        const given = (value as Readonly<Record<string, unknown>>)[field.name];
        if (given === undefined) continue;
        if (typeof field.deprecationReason === "string") found.add(`${type.name}.${field.name}`);
        look(field.type, given);
      }
    }
  };
  for (const { name, type } of declared) look(type, values[name]);
  return found;
}
