import { Kind } from "graphql";
import type { ConstDirectiveNode, DefinitionNode, DocumentNode, FieldDefinitionNode, InputValueDefinitionNode, TypeNode } from "graphql";

/**
 * Returns the types that these root fields use and nothing else does: input types, enums, objects, interfaces and unions. Entities can also be reached
 * from other subgraphs, so they are never among them. Neither are scalars, which several subgraphs declare.
 * @param fields as `Type.field`
 */
export function typesOnlyOf({ definitions }: DocumentNode, fields: ReadonlySet<string>): ReadonlySet<string> {
  const types = new Map(definitions.map((definition) => [nameOf(definition), definition]));
  const isGiven = (type: string, { name }: FieldDefinitionNode): boolean => fields.has(`${type}.${name.value}`);
  const roots = ["Query", "Mutation", "Subscription"];
  const rootFields = roots.flatMap((root) => fieldsOf(types.get(root)).map((field) => ({ field, isGiven: isGiven(root, field) })));
  const entities = definitions.filter(isEntity).map(nameOf);
  const reach = (start: readonly string[]): ReadonlySet<string> => {
    const reached = new Set(start);
    for (const name of reached) for (const next of typesIn(types.get(name), definitions)) reached.add(next);
    return reached;
  };
  const others = reach([...rootFields.filter((root) => !root.isGiven).flatMap(({ field }) => typesInField(field)), ...entities]);
  const own = reach(rootFields.filter((root) => root.isGiven).flatMap(({ field }) => typesInField(field)));
  const isHideable = (name: string): boolean => types.has(name) && types.get(name)?.kind !== Kind.SCALAR_TYPE_DEFINITION;
  return new Set([...own].filter((name) => !others.has(name) && isHideable(name)));
}

/** Returns the types to which a definition leads. An interface leads to its implementations. */
function typesIn(definition: DefinitionNode | undefined, definitions: readonly DefinitionNode[]): string[] {
  if (definition === undefined) return [];
  if (definition.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION) return typesInValues(definition.fields);
  if (definition.kind === Kind.UNION_TYPE_DEFINITION) return definition.types?.map(({ name }) => name.value) ?? [];
  const below = fieldsOf(definition).flatMap(typesInField);
  if (definition.kind === Kind.OBJECT_TYPE_DEFINITION) return [...below, ...interfacesOf(definition)];
  if (definition.kind !== Kind.INTERFACE_TYPE_DEFINITION) return below;
  const { value: name } = definition.name;
  return [...below, ...interfacesOf(definition), ...definitions.filter((other) => interfacesOf(other).includes(name)).map(nameOf)];
}

const typesInField = ({ type, arguments: args }: FieldDefinitionNode): string[] => [namedType(type), ...typesInValues(args)];

const typesInValues = (values: readonly InputValueDefinitionNode[] = []): string[] => values.map(({ type }) => namedType(type));

const namedType = (type: TypeNode): string => (type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type));

const fieldsOf = (definition: DefinitionNode | undefined): readonly FieldDefinitionNode[] =>
  definition?.kind === Kind.OBJECT_TYPE_DEFINITION || definition?.kind === Kind.INTERFACE_TYPE_DEFINITION ? (definition.fields ?? []) : [];

const interfacesOf = (definition: DefinitionNode): string[] =>
  definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.INTERFACE_TYPE_DEFINITION
    ? (definition.interfaces?.map(({ name }) => name.value) ?? [])
    : [];

function isEntity(definition: DefinitionNode): boolean {
  const directives = "directives" in definition ? ((definition.directives ?? []) as readonly ConstDirectiveNode[]) : [];
  return directives.some(({ name }) => name.value === "key");
}

const nameOf = (node: DefinitionNode): string => ("name" in node && node.name ? node.name.value : "");
