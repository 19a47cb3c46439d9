import { getDocumentNodeFromSchema } from "@graphql-tools/utils";
import { isTypeDefinitionNode, Kind, parseConstValue, print, visit } from "graphql";
import type { ConstDirectiveNode, DefinitionNode, DocumentNode, FieldDefinitionNode, GraphQLSchema, TypeDefinitionNode } from "graphql";
import { declaredCosts } from "../cost/cost.js";
import { declaredSizes, type ListSize } from "../cost/list-size.js";
import { gatewayOnlyFields, gatewayOnlyTag } from "../rules/gateway-only.js";
import { needsNoLogin } from "../rules/rule-table.js";
import type { FieldRule } from "../rules/rule-table.js";
import { vendorPortalTags } from "../rules/vendor-portal.js";
import { viewerIndependenceTags } from "../rules/viewer-independent.js";
import { typesOnlyOf } from "./types-only-of.js";

const link =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", ' +
  'import: ["@key", "@shareable", "@external", "@requires", "@provides", "@inaccessible", "@override", "@tag", "@cost", "@composeDirective"])';

/** `@listSize` of the federation accepts only numbers of items, neither lists nor members of inputs, and has no maximum. */
const sized =
  'extend schema @link(url: "https://weft.dev/sizes/v1.1", import: ["@sized"]) @composeDirective(name: "@sized")\n\n' +
  "directive @sized(by: [String!]!, initial: Int!, maximum: Int!, needs: String, fields: [String!]) repeatable on FIELD_DEFINITION";

/**
 * The `@tag` of root fields that do not require a login. The supergraph contains it, so that the gateway knows these fields only from the rules. The
 * API schema does not contain it.
 */
export const openFieldTag = "no-login";

/**
 * Returns the subgraph's SDL for composition. Definitions and directives are sorted, because type-graphql's order depends on the modules imported
 * before. The committed supergraph must not depend on it.
 * @param more tags, besides those that the schema and the rules declare
 */
export function printSdl(schema: GraphQLSchema, rules: readonly FieldRule[], more: readonly FieldTag[] = []): string {
  const tagged = withTags(getDocumentNodeFromSchema(schema), tagsOf(schema, rules, more));
  const measured = withSizes(withCosts(tagged, declaredCosts(schema)), declaredSizes(schema));
  const document = withHidden(measured, gatewayOnlyFields(schema));
  const sorted = visit(withNullableMutations(document), {
    enter: (node) => {
      if (!("directives" in node) || !node.directives || node.directives.length < 2) return undefined;
      const directives = (node.directives as readonly ConstDirectiveNode[]).toSorted(byText(print));
      return { ...node, directives };
    },
  });
  const definitions = sorted.definitions.filter((node) => node.kind !== Kind.SCHEMA_DEFINITION).toSorted(byText(nameOf));
  return `${link}\n\n${sized}\n\n${definitions.map((node) => print(node)).join("\n\n")}\n`;
}

/** A field as `Type.field`, and a name for `@tag`. */
type FieldTag = readonly [field: string, tag: string];

/** Returns the tags of fields, by `Type.field`. */
function tagsOf(schema: GraphQLSchema, rules: readonly FieldRule[], more: readonly FieldTag[]): ReadonlyMap<string, readonly string[]> {
  const open = rules.filter(needsNoLogin).map(({ type, field }) => [`${type}.${field}`, openFieldTag] as const);
  const grouped = Map.groupBy([...open, ...more, ...viewerIndependenceTags(schema), ...vendorPortalTags(schema)], ([field]) => field);
  return new Map([...grouped].map(([field, tags]) => [field, tags.map(([, tag]) => tag)]));
}

const tagDirective = (name: string): ConstDirectiveNode => ({
  kind: Kind.DIRECTIVE,
  name: { kind: Kind.NAME, value: "tag" },
  arguments: [{ kind: Kind.ARGUMENT, name: { kind: Kind.NAME, value: "name" }, value: { kind: Kind.STRING, value: name } }],
});

const withTags = (document: DocumentNode, tags: ReadonlyMap<string, readonly string[]>): DocumentNode =>
  withDirectives(document, (field) => tags.get(field)?.map(tagDirective));

const costDirective = (weight: number): ConstDirectiveNode => ({
  kind: Kind.DIRECTIVE,
  name: { kind: Kind.NAME, value: "cost" },
  arguments: [{ kind: Kind.ARGUMENT, name: { kind: Kind.NAME, value: "weight" }, value: { kind: Kind.INT, value: String(weight) } }],
});

const withCosts = (document: DocumentNode, costs: ReadonlyMap<string, number>): DocumentNode =>
  withDirectives(document, (field) => {
    const cost = costs.get(field);
    return cost === undefined ? undefined : [costDirective(cost)];
  });

const sizedDirective = (size: ListSize): ConstDirectiveNode => ({
  kind: Kind.DIRECTIVE,
  name: { kind: Kind.NAME, value: "sized" },
  arguments: Object.entries(size).map(([name, value]) => ({
    kind: Kind.ARGUMENT,
    name: { kind: Kind.NAME, value: name },
    value: parseConstValue(JSON.stringify(value), { noLocation: true }),
  })),
});

const withSizes = (document: DocumentNode, sizes: ReadonlyMap<string, readonly ListSize[]>): DocumentNode =>
  withDirectives(document, (field) => sizes.get(field)?.map(sizedDirective));

/** Adds directives to fields, which are given as `Type.field`. */
function withDirectives(document: DocumentNode, of: (field: string) => readonly ConstDirectiveNode[] | undefined): DocumentNode {
  return visit(document, {
    InterfaceTypeDefinition: () => false,
    ObjectTypeDefinition: (type) => {
      const fields = type.fields?.map((field) => {
        const added = of(`${type.name.value}.${field.name.value}`);
        return added ? { ...field, directives: [...(field.directives ?? []), ...added] } : field;
      });
      return fields && { ...type, fields };
    },
  });
}

const inaccessible: ConstDirectiveNode = { kind: Kind.DIRECTIVE, name: { kind: Kind.NAME, value: "inaccessible" } };

/** Hides root fields from clients, with the types that only these fields use: a visible type that nothing uses would tell what is hidden. */
function withHidden(document: DocumentNode, fields: ReadonlySet<string>): DocumentNode {
  if (fields.size === 0) return document;
  const types = typesOnlyOf(document, fields);
  const hidden = <Node extends TypeDefinitionNode | FieldDefinitionNode>(node: Node): Node => ({
    ...node,
    directives: [...(node.directives ?? []), inaccessible, tagDirective(gatewayOnlyTag)],
  });
  return {
    ...document,
    definitions: document.definitions.map((definition) => {
      if (!isTypeDefinitionNode(definition)) return definition;
      if (types.has(definition.name.value)) return hidden(definition);
      if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION || !definition.fields) return definition;
      const isHidden = ({ name }: FieldDefinitionNode): boolean => fields.has(`${definition.name.value}.${name.value}`);
      return { ...definition, fields: definition.fields.map((field) => (isHidden(field) ? hidden(field) : field)) };
    }),
  };
}

/**
 * Makes mutation fields nullable. Mutations run one after the other, each in its own transaction. If a non-null root field failed, the results of the
 * previous mutations would also become null, although they are committed.
 */
const withNullableMutations = (document: DocumentNode): DocumentNode =>
  visit(document, {
    ObjectTypeDefinition: (type) => (type.name.value === "Mutation" ? undefined : false),
    InterfaceTypeDefinition: () => false,
    FieldDefinition: (field) => (field.type.kind === Kind.NON_NULL_TYPE ? { ...field, type: field.type.type } : undefined),
  });

const byText =
  <T>(text: (item: T) => string) =>
  (a: T, b: T): number => {
    const [x, y] = [text(a), text(b)];
    return x < y ? -1 : x > y ? 1 : 0;
  };

const nameOf = (node: DefinitionNode): string => ("name" in node && node.name ? node.name.value : "");
