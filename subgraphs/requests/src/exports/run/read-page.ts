import { newId } from "@weft/shared/ids";
import type { Viewer } from "@weft/shared/viewer";
import type { Services } from "@weft/platform/services";
import type { Subgraph, SubgraphResponse } from "@weft/api/subgraph";
import { listTypes } from "../../saved-views/list-shape.js";
import type { SavedViewList } from "../../saved-views/saved-view.type.js";
import { selectionOf } from "../columns.js";
import type { ExportRow } from "../export.type.js";
import { exportedLists } from "../exported-lists.js";

/** Objects of a list, with the selected fields. */
export interface ExportPage {
  readonly objects: readonly unknown[];
  readonly endCursor: string | null;
  readonly hasNextPage: boolean;
}

/** A page cannot be read, and never will: the reason, for the user. */
export class PageRefused extends Error {}

/** Reads pages of a list: the same query that the user could send, under the rights of the viewer passed. */
export type ReadPage = (viewer: Viewer, row: ExportRow, after: string | null) => Promise<ExportPage>;

const maxPage = 100;
/** Errors that can go away. */
const passing: readonly unknown[] = ["SERVICE_UNAVAILABLE", "RATE_LIMITED", "INTERNAL"];

/**
 * Makes a reader of pages.
 * @throws PageRefused, or Error for what can succeed later
 */
export function pageReader(services: Services, subgraph: Subgraph): ReadPage {
  return async (viewer, row, after) => {
    for (let first = maxPage; ; first = Math.floor(first / 2)) {
      const response = await ask(services, subgraph, { viewer, row, after, first });
      const code = response.errors?.[0]?.extensions?.["code"];
      // Objects with much data: fewer of them at once.
      if (code !== "QUERY_LIMIT_EXCEEDED" || first === 1) return pageOf(response, exportedLists[row.list as SavedViewList].field);
    }
  };
}

interface Asked {
  readonly viewer: Viewer;
  readonly row: ExportRow;
  readonly after: string | null;
  readonly first: number;
}

function ask(services: Services, subgraph: Subgraph, { viewer, row, after, first }: Asked): Promise<SubgraphResponse> {
  const list = row.list as SavedViewList;
  const { node, filter, order } = listTypes[list];
  const selection = selectionOf(subgraph.schema, { typeName: node, columns: row.columns, path: "columns" });
  const query = `query Export($filter: ${filter}, $orderBy: ${order}, $first: Int!, $after: String) {
    ${exportedLists[list].field}(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
      edges { node { ${selection} } } pageInfo { endCursor hasNextPage } } }`;
  const call = { viewer, requestId: newId(), address: null, userAgent: null, traceId: null };
  return subgraph.execute({ services, call, query, variables: { filter: row.filter, orderBy: row.orderBy, first, after } });
}

interface Connection {
  readonly edges: readonly { readonly node: unknown }[];
  readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean };
}

function pageOf({ data, errors }: SubgraphResponse, field: string): ExportPage {
  const [error] = errors ?? [];
  if (error) throw passing.includes(error.extensions?.["code"]) ? new Error(error.message) : new PageRefused(error.message);
  if (!data) throw new Error(`The query of ${field} has no answer.`);
  const { edges, pageInfo } = data[field] as Connection;
  return { objects: edges.map(({ node }) => node), ...pageInfo };
}
