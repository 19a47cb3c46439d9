import type { WeftError } from "@weft/client";
import type { RequestOrder } from "../gql/graphql";
import { compareRequests } from "./compare-requests";
import type { RequestRow } from "./requests-operations";

export interface RequestPagesState {
  /** Null until they are loaded for the first time. */
  readonly rows: readonly RequestRow[] | null;
  /** Number of all requests of the list. Null until it is known. */
  readonly total: number | null;
  /** Cursor of the next page. Null if all rows are loaded. */
  readonly next: string | null;
  /** Whether the rows are those of the filter before, until those of the new one are loaded. */
  readonly isStale: boolean;
  readonly error: WeftError | null;
}

export type RequestPagesEvent =
  | { readonly type: "began" }
  | { readonly type: "loaded"; readonly rows: readonly RequestRow[]; readonly next: string | null }
  | { readonly type: "more"; readonly rows: readonly RequestRow[]; readonly next: string | null }
  | { readonly type: "counted"; readonly total: number }
  | { readonly type: "changed"; readonly id: string; readonly row: RequestRow | null; readonly orderBy: RequestOrder }
  | { readonly type: "failed"; readonly error: WeftError };

export const noPages: RequestPagesState = { rows: null, total: null, next: null, isStale: false, error: null };

/** Pages of a list, and what happens to them. */
export function reducePages(state: RequestPagesState, event: RequestPagesEvent): RequestPagesState {
  switch (event.type) {
    case "began":
      return { ...state, isStale: state.rows !== null, error: null };
    case "loaded":
      return counted({ ...state, rows: event.rows, next: event.next, isStale: false, error: null });
    case "more": {
      // A request that has moved in the order meanwhile can be on both pages.
      const known = new Set(state.rows?.map(({ id }) => id));
      const rows = [...(state.rows ?? []), ...event.rows.filter(({ id }) => !known.has(id))];
      return counted({ ...state, rows, next: event.next, error: null });
    }
    case "counted":
      return counted({ ...state, total: event.total });
    case "failed":
      return { ...state, error: event.error, isStale: false };
    case "changed":
      return state.rows === null ? state : counted({ ...state, rows: changedRows(state.rows, event, state.next !== null) });
  }
}

/**
 * If all rows are loaded, their number is that of the list. A count from the server is of another moment: it is ahead of the events that are still on
 * their way, and behind those that came after it.
 */
function counted(state: RequestPagesState): RequestPagesState {
  const { rows, next, isStale } = state;
  return rows !== null && next === null && !isStale ? { ...state, total: rows.length } : state;
}

type Change = Extract<RequestPagesEvent, { readonly type: "changed" }>;

function changedRows(rows: readonly RequestRow[], { id, row, orderBy }: Change, hasMore: boolean): readonly RequestRow[] {
  const index = rows.findIndex((one) => one.id === id);
  if (row === null) return index === -1 ? rows : rows.toSpliced(index, 1);
  const before = rows[index];
  if (before !== undefined && compareRequests(before, row, orderBy) === 0) return rows.with(index, row);
  const others = index === -1 ? rows : rows.toSpliced(index, 1);
  const at = others.findIndex((one) => compareRequests(row, one, orderBy) < 0);
  if (at !== -1) return others.toSpliced(at, 0, row);
  // It belongs behind the last row that is loaded: a later page has it.
  return hasMore ? others : [...others, row];
}
