import type { RequestOrder } from "../gql/graphql";
import type { RequestRow } from "./requests-operations";
import { nextClock } from "./next-clock";

const priorities = ["LOW", "NORMAL", "HIGH", "URGENT"];

/** What a request is ordered by. Null comes last in either direction. */
function keyOf(row: RequestRow, { field }: RequestOrder): string | number | null {
  switch (field) {
    case "CREATED_AT":
      return row.createdAt;
    case "UPDATED_AT":
      return row.updatedAt;
    case "STATE":
      return row.state;
    case "NUMBER":
      return row.number;
    case "PRIORITY":
      return `${priorities.indexOf(row.priority)} ${row.createdAt}`;
    case "DUE_AT":
      return row.dueAt;
    case "SLA_DUE_AT":
      return nextClock(row)?.dueAt ?? null;
  }
}

/** Compares two requests as the API orders them: less than 0 if the first comes first. 0 if the order does not tell. */
export function compareRequests(one: RequestRow, other: RequestRow, orderBy: RequestOrder): number {
  const [a, b] = [keyOf(one, orderBy), keyOf(other, orderBy)];
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? 1 : -1;
  return (a < b ? -1 : 1) * (orderBy.direction === "DESC" ? -1 : 1);
}
