import { workflows } from "@weft/drizzle";
import {
  enumField,
  filterInput,
  keysetPage,
  numberField,
  orderByInput,
  textField,
  timeField,
  type ConnectionArgs,
  type Context,
  type FilterValue,
  type OrderByValue,
  type Page,
} from "@weft/shared";
import { and } from "drizzle-orm";
import { countDefinitions, selectDefinitionPage, visibleDefinitions } from "./definition.store.js";
import { DefinitionStatus, toDefinition, type Definition, type DefinitionRow } from "./definition.type.js";

const { definitions } = workflows;

export const DefinitionFilter = filterInput("DefinitionFilter", {
  key: textField(definitions.key),
  name: textField(definitions.name),
  number: numberField(definitions.number),
  status: enumField("DefinitionStatus", DefinitionStatus, definitions.status),
  createdAt: timeField(definitions.createdAt),
});

export const DefinitionOrder = orderByInput("DefinitionOrder", {
  CREATED_AT: { column: definitions.createdAt, valueOf: (row: DefinitionRow) => row.createdAt },
  KEY: { column: definitions.key, valueOf: (row: DefinitionRow) => row.key },
  NAME: { column: definitions.name, valueOf: (row: DefinitionRow) => row.name },
});

export type ListOptions = {
  readonly filter?: FilterValue | null | undefined;
  readonly orderBy?: OrderByValue | null | undefined;
  readonly page: ConnectionArgs;
};

/** A page of the definitions that the viewer may see; newest first unless told otherwise. */
export function listDefinitions(ctx: Context, { filter, orderBy, page }: ListOptions): Promise<Page<Definition>> {
  const where = and(visibleDefinitions(ctx.viewer, "definition.read"), DefinitionFilter.toSql(filter));
  return keysetPage<DefinitionRow, Definition>(ctx, {
    args: page,
    list: "definitions",
    orderBy: DefinitionOrder.resolve(orderBy, ["CREATED_AT", "DESC"]),
    id: { column: definitions.id, valueOf: (row) => row.id },
    fetch: (slice) => ctx.read((tx) => selectDefinitionPage(tx, where, slice)),
    count: () => ctx.read((tx) => countDefinitions(tx, where)),
    toNode: toDefinition,
  });
}
