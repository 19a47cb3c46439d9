import {
  assertValidSchema,
  buildASTSchema,
  type DefinitionNode,
  type FieldDefinitionNode,
  type GraphQLSchema,
  type InputValueDefinitionNode,
  Kind,
  parse,
  printSchema,
  type TypeNode,
  visit,
} from "graphql";
import { fieldsTagged, rootFieldsTagged } from "../federation/tagged-fields.js";

const rootTypes: ReadonlySet<string> = new Set(["Query", "Mutation", "Subscription"]);

/** What a variant contains, by the tags of fields in the supergraph. */
export interface VariantTags {
  /** Root fields with one of these tags, and everything that they lead to. */
  readonly include: readonly string[];
  /** Except fields with one of these tags. */
  readonly exclude: readonly string[];
}

export interface VariantOf extends VariantTags {
  readonly supergraphSdl: string;
  /** The API schema of the supergraph. */
  readonly api: GraphQLSchema;
  /** Further fields that are absent, as `Type.field`. */
  readonly without?: ReadonlySet<string>;
}

/**
 * Returns a part of the API as a schema of its own: root fields with some tags, and what can be reached from them. Comparable to a contract variant in
 * GraphOS: https://www.apollographql.com/docs/graphos/platform/schema-management/delivery/contracts/overview
 * @throws if what remains is not a valid schema, for example because it has no query
 */
export function variantOf({ supergraphSdl, api: schema, include, exclude, without = new Set() }: VariantOf): string {
  const declared = new Set(include.flatMap((tag) => [...rootFieldsTagged(supergraphSdl, tag)]));
  const excluded = new Set([...without, ...exclude.flatMap((tag) => [...fieldsTagged(supergraphSdl, tag)])]);
  const api = new Map(parse(printSchema(schema), { noLocation: true }).definitions.flatMap(named));
  const isOpen = (type: string, field: FieldDefinitionNode): boolean => {
    const name = `${type}.${field.name.value}`;
    return !excluded.has(name) && (!rootTypes.has(type) || declared.has(name));
  };
  // Types of which nothing may be read, or not even the ID, are absent, and so are the fields that return them.
  const isEmpty = (type: string): boolean => {
    const definition = api.get(type);
    if (definition?.kind !== Kind.OBJECT_TYPE_DEFINITION) return false;
    const open = definition.fields?.filter((field) => isOpen(type, field)) ?? [];
    const isRequired = (field: FieldDefinitionNode): boolean => field.name.value === "id" && definition.interfaces?.length !== 0;
    return open.length === 0 || definition.fields?.some((field) => isRequired(field) && !open.includes(field)) === true;
  };
  const fieldsOf = (type: string, fields: readonly FieldDefinitionNode[] = []): FieldDefinitionNode[] =>
    fields.filter((field) => isOpen(type, field) && !isEmpty(nameOf(field.type)));

  const reached = new Set<string>([...rootTypes].filter((type) => !isEmpty(type)));
  for (const type of reached) {
    const definition = api.get(type);
    if (definition === undefined) continue;
    for (const next of typesIn(definition, fieldsOf)) if (!isEmpty(next)) reached.add(next);
  }
  const isShown = ({ name }: { readonly name: { readonly value: string } }): boolean => reached.has(name.value);
  const document = visit(
    { kind: Kind.DOCUMENT, definitions: [...api.values()].filter((definition) => isShown(definition as never)) },
    {
      ObjectTypeDefinition: (type) => ({
        ...type,
        fields: fieldsOf(type.name.value, type.fields),
        interfaces: type.interfaces?.filter((shared) => reached.has(shared.name.value)) ?? [],
      }),
      InterfaceTypeDefinition: (type) => ({ ...type, fields: fieldsOf(type.name.value, type.fields) }),
      UnionTypeDefinition: (union) => ({ ...union, types: union.types?.filter((member) => reached.has(member.name.value)) ?? [] }),
    },
  );
  const variant = buildASTSchema(document);
  assertValidSchema(variant);
  return `${printSchema(variant)}\n`;
}

const named = (definition: DefinitionNode): [string, DefinitionNode][] =>
  "name" in definition && definition.name && definition.kind !== Kind.DIRECTIVE_DEFINITION ? [[definition.name.value, definition]] : [];

/** Returns the types to which a definition leads. An interface does not lead to its implementations: they are shown if something else does. */
function typesIn(
  definition: DefinitionNode,
  fieldsOf: (type: string, fields?: readonly FieldDefinitionNode[]) => readonly FieldDefinitionNode[],
): string[] {
  if (definition.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION) return inputsIn(definition.fields);
  if (definition.kind === Kind.UNION_TYPE_DEFINITION) return definition.types?.map(({ name }) => name.value) ?? [];
  if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION) return [];
  return fieldsOf(definition.name.value, definition.fields).flatMap((field) => [nameOf(field.type), ...inputsIn(field.arguments)]);
}

const inputsIn = (values: readonly InputValueDefinitionNode[] = []): string[] => values.map(({ type }) => nameOf(type));

function nameOf(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : nameOf(type.type);
}
