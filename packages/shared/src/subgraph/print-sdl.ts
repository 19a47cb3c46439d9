import { printSchemaWithDirectives } from "@graphql-tools/utils";
import { Kind, parse, print, visit } from "graphql";
import type { ConstDirectiveNode, DefinitionNode, DocumentNode, GraphQLSchema } from "graphql";

const link =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", ' +
  'import: ["@key", "@shareable", "@external", "@requires", "@provides", "@inaccessible", "@override", "@tag"])';

/**
 * The subgraph's SDL for composition. Definitions and directives are sorted: type-graphql's order depends on which other modules were
 * imported before, and the committed supergraph must not.
 */
export function printSdl(schema: GraphQLSchema): string {
  const document = parse(printSchemaWithDirectives(schema));
  const sorted = visit(withNullableMutations(document), {
    enter: (node) => {
      if (!("directives" in node) || !node.directives || node.directives.length < 2) return undefined;
      const directives = (node.directives as readonly ConstDirectiveNode[]).toSorted(byText(print));
      return { ...node, directives };
    },
  });
  const definitions = sorted.definitions.filter((node) => node.kind !== Kind.SCHEMA_DEFINITION).toSorted(byText(nameOf));
  return `${link}\n\n${definitions.map((node) => print(node)).join("\n\n")}\n`;
}

/**
 * Mutations run one after the other, and each is a transaction of its own: a required root field would take the results of those that went before along when a
 * later one fails, although they are committed.
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
