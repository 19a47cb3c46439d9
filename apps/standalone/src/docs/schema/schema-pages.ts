import {
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isScalarType,
  isSpecifiedScalarType,
} from "graphql";
import { operationSection, type SectionContext, typeSection } from "./sections.js";
import { type Area, areas } from "@weft/api/subgraph";
import { common, type Topics } from "./topics.js";

export interface SchemaPagesOptions {
  readonly schema: GraphQLSchema;
  readonly topics: Topics;
  /** Area of a root field, by `Type.field`. */
  readonly areaOf: ReadonlyMap<string, Area>;
  /** Label of a field's rule, by `Type.field`. */
  readonly rules: ReadonlyMap<string, string>;
}

const folder = "docs/reference/schema";
const titles = { objects: "Objects", inputs: "Inputs", enums: "Enums and scalars" } as const;
type Kind = keyof typeof titles;
const rootTitles = { Query: "Queries", Mutation: "Mutations", Subscription: "Subscriptions" } as const;
type Root = keyof typeof rootTitles;

interface TypeEntry {
  readonly topic: string;
  readonly kind: Kind;
  readonly name: string;
  readonly section: string[];
}

interface Operation {
  readonly area: Area;
  readonly root: Root;
  readonly field: GraphQLField<unknown, unknown>;
  readonly section: string[];
}

/**
 * Returns the schema as reference pages, by their path in the repository: a page of operations per area, one that lists them all, and pages of types per
 * subgraph. Their index is written by hand, and `pnpm check` reports a page that it does not list.
 * @throws Error for an operation without an area
 */
export function schemaPages({ schema, topics, areaOf, rules }: SchemaPagesOptions): Record<string, string> {
  const topicOf = (type: GraphQLNamedType): string => topics.get(type.name) ?? common;
  const context: SectionContext = { rules, pageOf: (type) => `${topicOf(type)}-${kindOf(type)}` };
  const roots = { Query: schema.getQueryType(), Mutation: schema.getMutationType(), Subscription: schema.getSubscriptionType() };
  const operations = (Object.keys(roots) as Root[]).flatMap((root) =>
    Object.values<GraphQLField<unknown, unknown>>(roots[root]?.getFields() ?? {}).map((field): Operation => {
      const area = areaOf.get(`${root}.${field.name}`);
      if (area === undefined) throw new Error(`${root}.${field.name} belongs to no area.`);
      return { area, root, field, section: operationSection(field, root, context) };
    }),
  );
  const isRoot = (type: GraphQLNamedType): boolean => Object.values(roots).some((root) => root === type);
  const types = Object.values(schema.getTypeMap())
    .filter((type) => !type.name.startsWith("__") && !isRoot(type) && !isSpecifiedScalarType(type))
    .map((type): TypeEntry => ({ topic: topicOf(type), kind: kindOf(type), name: type.name, section: typeSection(type, context) }));
  const ofAreas = (Object.keys(areas) as Area[]).map((area) => areaPage(area, operations));
  const overview = pageText(["# All operations", "", notice, "", ...ofAreas.flatMap((page) => page.index)]);
  const pages = [...ofAreas, ...typePages(types)].map(({ path, text }): [string, string] => [path, text]);
  return { ...Object.fromEntries(pages), [`${folder}/operations.md`]: overview };
}

interface Page {
  readonly path: string;
  readonly text: string;
}

function areaPage(area: Area, all: readonly Operation[]): Page & { readonly index: readonly string[] } {
  const text = [`# ${areas[area]}`, "", notice, ""];
  const index = [`## [${areas[area]}](${area}.md)`, ""];
  for (const root of Object.keys(rootTitles) as Root[]) {
    const here = all.filter((one) => one.area === area && one.root === root).toSorted((a, b) => (a.field.name < b.field.name ? -1 : 1));
    if (here.length === 0) continue;
    text.push(`## ${rootTitles[root]}`, "", ...here.flatMap(({ section }) => section));
    index.push(`- ${rootTitles[root]}: ${here.map(linkTo).join(", ")}`);
  }
  return { path: `${folder}/${area}.md`, text: pageText(text), index: [...index, ""] };
}

function typePages(types: readonly TypeEntry[]): Page[] {
  return [...new Set(types.map(({ topic }) => topic))].flatMap((topic) =>
    (Object.keys(titles) as Kind[]).flatMap((kind) => {
      const here = types.filter((entry) => entry.topic === topic && entry.kind === kind).toSorted((a, b) => (a.name < b.name ? -1 : 1));
      if (here.length === 0) return [];
      const title = `${capitalized(topic)}: ${titles[kind].toLowerCase()}`;
      const text = pageText([`# ${title}`, "", notice, "", ...here.flatMap(({ section }) => section)]);
      return [{ path: `${folder}/${topic}-${kind}.md`, text }];
    }),
  );
}

const linkTo = ({ area, field: { name } }: Operation): string => `[${name}](${area}.md#${name.toLowerCase()})`;

const pageText = (lines: readonly string[]): string => `${lines.join("\n").trimEnd()}\n`;

function kindOf(type: GraphQLNamedType): Kind {
  if (isInputObjectType(type)) return "inputs";
  return isEnumType(type) || isScalarType(type) ? "enums" : "objects";
}

const capitalized = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

const notice = "<!-- Generated by `pnpm run docs` from the descriptions and rules in the subgraphs: edit there. -->";
