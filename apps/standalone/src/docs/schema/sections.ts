import {
  getNamedType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isSpecifiedScalarType,
  isUnionType,
} from "graphql";
import { prose, table } from "../markdown.js";

/** What a section needs in addition to its type. */
export interface SectionContext {
  /** Label of a field's rule, by `Type.field`. */
  readonly rules: ReadonlyMap<string, string>;
  /** Page of a type, without `.md`. */
  readonly pageOf: (type: GraphQLNamedType) => string;
}

/** Returns the section of a query, mutation, or subscription: its description, its rule, its arguments, and its result. */
export function operationSection(field: GraphQLField<unknown, unknown>, root: string, context: SectionContext): string[] {
  const rule = context.rules.get(`${root}.${field.name}`);
  const needs = rule === undefined ? [] : [`**Rule**: \`${rule}\``, ""];
  const rows = field.args.map(({ name, type, description }) => [`\`${name}\``, linked(type, context), prose(description)]);
  return [
    `### ${field.name}`,
    "",
    ...deprecation(field.deprecationReason),
    prose(field.description),
    "",
    `**Returns**: ${linked(field.type, context)}`,
    "",
    ...needs,
    ...(rows.length === 0 ? [] : [...table(["Argument", "Type", "Description"], rows), ""]),
  ];
}

/** Returns the section of a type with its members. */
export function typeSection(type: GraphQLNamedType, context: SectionContext): string[] {
  return [`## ${type.name}`, "", prose(type.description), "", ...membersOf(type, context), ""];
}

function membersOf(type: GraphQLNamedType, context: SectionContext): string[] {
  if (isEnumType(type))
    return table(
      ["Value", "Meaning"],
      type.getValues().map((value) => [`\`${value.name}\``, withDeprecation(value)]),
    );
  if (isUnionType(type))
    return [
      `One of: ${type
        .getTypes()
        .map((one) => linked(one, context))
        .join(", ")}.`,
    ];
  if (isInputObjectType(type))
    return table(
      ["Field", "Type", "Description"],
      Object.values(type.getFields()).map((field) => [`\`${field.name}\``, linked(field.type, context), withDeprecation(field)]),
    );
  if (!isObjectType(type) && !isInterfaceType(type)) return [];
  const interfaces = type.getInterfaces().map((one) => linked(one, context));
  const rows = Object.values(type.getFields()).map((field) => {
    const args = field.args.length === 0 ? "" : `(${field.args.map(({ name, type: given }) => `${name}: ${String(given)}`).join(", ")})`;
    const rule = context.rules.get(`${type.name}.${field.name}`) ?? "";
    return [`\`${field.name}${args}\``, linked(field.type, context), withDeprecation(field), rule === "" ? "" : `\`${rule}\``];
  });
  return [
    ...(interfaces.length === 0 ? [] : [`Implements ${interfaces.join(", ")}.`, ""]),
    ...table(["Field", "Type", "Description", "Rule"], rows),
  ];
}

const deprecation = (reason: string | null | undefined): string[] => (reason ? [`**Deprecated**: ${prose(reason)}`, ""] : []);

function withDeprecation(of: {
  readonly description?: string | null | undefined;
  readonly deprecationReason?: string | null | undefined;
}): string {
  return [...deprecation(of.deprecationReason), prose(of.description)].join(" ");
}

/** Returns the type, with a link from its name to its description. */
function linked(type: GraphQLType, { pageOf }: SectionContext): string {
  const named = getNamedType(type);
  if (isSpecifiedScalarType(named)) return `\`${String(type)}\``;
  const text = String(type).replaceAll("[", "\\[").replaceAll("]", "\\]");
  return `[${text}](${pageOf(named)}.md#${named.name.toLowerCase()})`;
}
