import { printSchemaWithDirectives } from "@graphql-tools/utils";
import { Kind, parse, print, visit } from "graphql";
import type { ConstDirectiveNode, DefinitionNode, DocumentNode, GraphQLSchema } from "graphql";
import { needsNoLogin } from "../rules/rule-table.js";
import type { FieldRule } from "../rules/rule-table.js";

const link =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", ' +
  'import: ["@key", "@shareable", "@external", "@requires", "@provides", "@inaccessible", "@override", "@tag"])';

/** The `@tag` of root fields that need no login. The supergraph keeps it, so that the gateway knows them from the rules and from nothing else; the API schema does not. */
export const openFieldTag = "no-login";

/**
 * The subgraph's SDL for composition. Definitions and directives are sorted: type-graphql's order depends on which other modules were
 * imported before, and the committed supergraph must not.
 */
export function printSdl(schema: GraphQLSchema, rules: readonly FieldRule[]): string {
  const document = withOpenFields(parse(printSchemaWithDirectives(schema)), rules);
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

function withOpenFields(document: DocumentNode, rules: readonly FieldRule[]): DocumentNode {
  const open = new Set(rules.filter(needsNoLogin).map(({ type, field }) => `${type}.${field}`));
  const tag: ConstDirectiveNode = {
    kind: Kind.DIRECTIVE,
    name: { kind: Kind.NAME, value: "tag" },
    arguments: [{ kind: Kind.ARGUMENT, name: { kind: Kind.NAME, value: "name" }, value: { kind: Kind.STRING, value: openFieldTag } }],
  };
  return visit(document, {
    InterfaceTypeDefinition: () => false,
    ObjectTypeDefinition: (type) => {
      const fields = type.fields?.map((field) =>
        open.has(`${type.name.value}.${field.name.value}`) ? { ...field, directives: [...(field.directives ?? []), tag] } : field,
      );
      return fields && { ...type, fields };
    },
  });
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
