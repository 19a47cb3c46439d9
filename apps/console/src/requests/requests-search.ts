import type { RequestOrderField } from "../gql/graphql";
import { filterKeys, type Filters } from "./filters/filter-keys";

/** What the list shows, as in the address. Each filter is a member of its own. */
export interface RequestsSearch extends Filters {
  readonly layout?: "board";
  /** Words to search for. */
  readonly q?: string;
  /** Name of a column's order. With `-` before it: descending. */
  readonly sort?: string;
  /** Names of the columns, separated by commas. */
  readonly columns?: string;
  /** ID of a saved view. */
  readonly view?: string;
}

const text = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : typeof value === "number" ? String(value) : undefined;

export function validateRequestsSearch(search: Record<string, unknown>): RequestsSearch {
  const kept: Record<string, string> = {};
  for (const key of ["q", "sort", "columns", "view", ...filterKeys]) {
    const value = text(search[key]);
    if (value !== undefined) kept[key] = value;
  }
  return { ...kept, ...(search["layout"] === "board" && { layout: "board" as const }) };
}

/** Fields that the list can be ordered by, by their names in the address. */
export const orders = {
  number: "NUMBER",
  state: "STATE",
  priority: "PRIORITY",
  sla: "SLA_DUE_AT",
  due: "DUE_AT",
  created: "CREATED_AT",
  changed: "UPDATED_AT",
} as const satisfies Record<string, RequestOrderField>;

export type OrderName = keyof typeof orders;

export interface Order {
  readonly name: OrderName;
  readonly isDescending: boolean;
}

/** Returns null for the order of the view, or else of the API. */
export function orderOf(sort: string | undefined): Order | null {
  const name = sort?.replace(/^-/, "");
  if (sort === undefined || name === undefined || !(name in orders)) return null;
  return { name: name as OrderName, isDescending: sort.startsWith("-") };
}

/** The newest first, as long as neither the user nor a view says otherwise. */
export const newestFirst: Order = { name: "created", isDescending: true };
