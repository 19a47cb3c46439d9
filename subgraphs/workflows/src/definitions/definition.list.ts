import { workflows } from "@weft/drizzle";
import type { Context } from "@weft/api/context";
import {
  enumField,
  type FilterField,
  filterInput,
  type FilterValue,
  numberField,
  searchField,
  textField,
  timeField,
  wordIn,
} from "@weft/api/filters";
import { type ConnectionArgs, keysetPage, orderByInput, type OrderByValue, type Page } from "@weft/api/pages";
import { and, arrayOverlaps, eq, sql, type SQL } from "drizzle-orm";
import { countDefinitions, selectDefinitionPage, visibleDefinitions } from "./definition.store.js";
import { DefinitionStatus, toDefinitionHead, type Definition, type DefinitionHead } from "./definition.type.js";
import { Environment } from "./life-cycle/environment.type.js";
import { tagField } from "./tag-filter.js";

const { definitions } = workflows;

/** A version can be in several environments and matches by any of them. */
const inEnvironment: FilterField = {
  ...enumField("Environment", Environment, definitions.environments),
  condition: (operator, operand) => {
    const wanted = [operand].flat().map(String);
    const found = wanted.length === 0 ? sql`false` : arrayOverlaps(definitions.environments, wanted);
    return operator === "ne" ? sql`not (${found})` : found;
  },
};

export const DefinitionFilter = filterInput("DefinitionFilter", {
  key: textField(definitions.key),
  name: textField(definitions.name),
  number: numberField(definitions.number),
  status: enumField("DefinitionStatus", DefinitionStatus, definitions.status),
  tag: tagField(definitions.tags),
  environment: inEnvironment,
  search: searchField(
    wordIn(
      sql`${definitions.key} || ' ' || ${definitions.name} || ' ' || ${definitions.description} || ' ' || array_to_string(${definitions.tags}, ' ')`,
    ),
    "Text to search for in key, name, description and tags.",
  ),
  createdAt: timeField(definitions.createdAt),
});

export const DefinitionOrder = orderByInput("DefinitionOrder", {
  CREATED_AT: { column: definitions.createdAt, valueOf: (row: DefinitionHead) => row.createdAt },
  KEY: { column: definitions.key, valueOf: (row: DefinitionHead) => row.key },
  NAME: { column: definitions.name, valueOf: (row: DefinitionHead) => row.name },
  NUMBER: { column: definitions.number, valueOf: (row: DefinitionHead) => String(row.number) },
});

export type ListOptions = {
  readonly filter?: FilterValue | null | undefined;
  readonly orderBy?: OrderByValue | null | undefined;
  readonly page: ConnectionArgs;
};

/** Returns a page of the definitions that the viewer can see, newest first by default. */
export function listDefinitions(ctx: Context, { filter, orderBy, page }: ListOptions): Promise<Page<Definition>> {
  return listWhere(ctx, { list: "definitions", where: DefinitionFilter.toSql(filter), orderBy, page, order: ["CREATED_AT", "DESC"] });
}

/** Returns a page of the versions of a key that the viewer can see, newest first. */
export function listVersions(ctx: Context, key: string, page: ConnectionArgs): Promise<Page<Definition>> {
  return listWhere(ctx, { list: `definitionVersions ${key}`, where: eq(definitions.key, key), page, order: ["NUMBER", "DESC"] });
}

type Listing = {
  readonly list: string;
  readonly where: SQL | undefined;
  readonly orderBy?: OrderByValue | null | undefined;
  readonly page: ConnectionArgs;
  readonly order: Parameters<typeof DefinitionOrder.resolve>[1];
};

function listWhere(ctx: Context, { list, where: condition, orderBy, page, order }: Listing): Promise<Page<Definition>> {
  const where = and(visibleDefinitions(ctx.viewer, "definition.read"), condition);
  return keysetPage<DefinitionHead, Definition>(ctx, {
    args: page,
    list,
    orderBy: DefinitionOrder.resolve(orderBy, order),
    id: { column: definitions.id, valueOf: (row) => row.id },
    fetch: (slice) => ctx.read((tx) => selectDefinitionPage(tx, where, slice)),
    count: () => ctx.read((tx) => countDefinitions(tx, where)),
    toNode: toDefinitionHead,
  });
}
