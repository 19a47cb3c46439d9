import { quote } from "@weft/shared/errors";
import { ScimRefusal } from "./scim-refusal.js";
import type { Resource } from "./read-resource.js";

/** The most resources in an answer. */
export const maxResults = 200;
const defaultCount = 100;
/** Counting that far costs the database time, and nobody has so many. */
const maxStartIndex = 1_000_000;

/** A part of a list. */
export interface Paging {
  /** From 1. */
  readonly startIndex: number;
  readonly count: number;
}

/** Reads the parameters of a list. Values below the least are the least, and a count above the most is the most (RFC 7644, section 3.4.2.4). */
export const pagingOf = ({
  startIndex,
  count,
}: {
  readonly startIndex?: string | null | undefined;
  readonly count?: string | null | undefined;
}): Paging => ({
  startIndex: integer("startIndex", startIndex, { otherwise: 1, min: 1, max: maxStartIndex }),
  count: integer("count", count, { otherwise: defaultCount, min: 0, max: maxResults }),
});

function integer(
  name: string,
  text: string | null | undefined,
  { otherwise, min, max }: { readonly otherwise: number; readonly min: number; readonly max: number },
): number {
  if (text === null || text === undefined || text === "") return otherwise;
  if (!/^-?\d+$/.test(text)) throw new ScimRefusal(400, `${name} must be a whole number, not ${quote(text)}.`, "invalidValue");
  return Math.min(max, Math.max(min, Number(text)));
}

/** Returns the body of an answer with a part of a list. */
export const listBody = (
  resources: readonly Resource[],
  { startIndex, total }: { readonly startIndex: number; readonly total: number },
) => ({
  schemas: ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
  totalResults: total,
  startIndex,
  itemsPerPage: resources.length,
  Resources: resources,
});
