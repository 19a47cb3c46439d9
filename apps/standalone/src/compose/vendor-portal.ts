import { apiSchemaOf, rootFieldsTagged } from "@weft/gateway";
import { builtInRoles } from "@weft/identity";
import { vendorPortalTag } from "@weft/api/rules";
import type { Subgraph } from "@weft/api/subgraph";
import {
  assertValidSchema,
  buildASTSchema,
  type DefinitionNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  Kind,
  parse,
  printSchema,
  type TypeNode,
  visit,
} from "graphql";
import { viewerWith } from "../role-viewer.js";

const rootTypes: ReadonlySet<string> = new Set(["Query", "Mutation", "Subscription"]);

/**
 * Returns the part of the API for applications of vendors, as a schema of its own: the root fields that `@VendorPortal` declares, and what can be
 * reached from them, without the fields that the rules refuse to users of vendors. Comparable to a contract variant in GraphOS:
 * https://www.apollographql.com/docs/graphos/platform/schema-management/delivery/contracts/overview
 * @throws if a declared root field is refused to users of vendors, or what remains is no valid schema
 */
export function vendorPortalOf(supergraphSdl: string, subgraphs: readonly Subgraph[]): string {
  const declared = rootFieldsTagged(supergraphSdl, vendorPortalTag);
  const refused = refusedFields(subgraphs);
  const wrong = [...declared].filter((field) => refused.has(field));
  if (wrong.length > 0) throw new Error(`The rules refuse fields of the vendor portal to users of vendors: ${wrong.join(", ")}.`);
  const api = new Map(parse(printSchema(apiSchemaOf(supergraphSdl)), { noLocation: true }).definitions.flatMap(named));
  const isOpen = (type: string, field: FieldDefinitionNode): boolean => {
    const name = `${type}.${field.name.value}`;
    return rootTypes.has(type) ? declared.has(name) : !refused.has(name);
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

  const reached = new Set<string>(rootTypes);
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
      UnionTypeDefinition: (union) => ({ ...union, types: union.types?.filter((member) => reached.has(member.name.value)) ?? [] }),
    },
  );
  const schema = buildASTSchema(document);
  assertValidSchema(schema);
  return `${printSchema(schema)}\n`;
}

/** Returns the fields that no user of a vendor can read, whatever the object, by `Type.field`. */
export function refusedFields(subgraphs: readonly Subgraph[]): ReadonlySet<string> {
  const viewer = viewerWith(builtInRoles.vendor_user);
  const rows = subgraphs.flatMap(({ rules }) => rules);
  const refused = rows.filter(({ rule }) => rule.kind === "viewer" && rule.decide(viewer) !== true);
  return new Set(refused.map(({ type, field }) => `${type}.${field}`));
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
