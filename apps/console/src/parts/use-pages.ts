import { WeftError } from "@weft/client";
import { useEffect, useMemo, useRef, useState } from "react";

export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly endCursor: string | null;
  readonly hasNextPage: boolean;
}

interface Loaded<Row> {
  readonly page: Page<Row>;
  /** Cursor that it begins after. */
  readonly after: string;
  /** The first page at the time when it was loaded. */
  readonly since: Page<Row>;
}

interface PagesOptions<Row> {
  /** The first page, of a live query. Null while it is loaded. A new object means that something has changed. */
  readonly first: Page<Row> | null;
  readonly load: (after: string) => Promise<Page<Row>>;
  /** Identifies the list: when it changes, the pages are forgotten. */
  readonly list: string;
  /** Indexes of the first and the last row that the user sees. */
  readonly from: number;
  readonly to: number;
}

/** Rows before the end at which the next page is loaded. */
const ahead = 40;

/** Returns where the first page stands that is missing, or older than what the user should see; null if there is none. */
function wanted<Row>(first: Page<Row>, pages: readonly Loaded<Row>[], { from, to }: { from: number; to: number }): number | null {
  let end = first.rows.length;
  let before = first;
  for (const [index, { page, after, since }] of pages.entries()) {
    const start = end;
    end += page.rows.length;
    const isSeen = start <= to + ahead && end >= from;
    if (isSeen && before.endCursor !== null && (since !== first || after !== before.endCursor)) return index;
    before = page;
  }
  return to + ahead >= end && before.hasNextPage && before.endCursor !== null ? pages.length : null;
}

/**
 * Rows of a live list beyond its first page. Pages are loaded as the user comes near them. After a change, only those that the user sees are loaded
 * again, so that a list of 10,000 rows costs no more than a short one.
 */
export function usePages<Row extends { readonly id: string }>({ first, load, list, from, to }: PagesOptions<Row>) {
  const [kept, setKept] = useState<{ readonly list: string; readonly pages: readonly Loaded<Row>[] }>({ list, pages: [] });
  const [failure, setFailure] = useState<{ readonly error: WeftError; readonly since: Page<Row> } | null>(null);
  const [attempt, setAttempt] = useState(0);
  const isLoading = useRef(false);
  const pages = kept.list === list ? kept.pages : [];
  const error = failure !== null && failure.since === first ? failure.error : null;
  const index = first === null || error !== null ? null : wanted(first, pages, { from, to });
  const after = index === null || first === null ? null : index === 0 ? first.endCursor : (pages[index - 1]?.page.endCursor ?? null);

  const latest = useRef(list);
  latest.current = list;
  useEffect(() => {
    if (first === null || index === null || after === null || isLoading.current) return;
    isLoading.current = true;
    load(after)
      .then((page) => {
        if (latest.current !== list) return;
        const next = [...pages.slice(0, index), { page, after, since: first }, ...(page.hasNextPage ? pages.slice(index + 1) : [])];
        setKept({ list, pages: next });
      })
      .catch((problem: unknown) => {
        if (!(problem instanceof WeftError)) throw problem;
        setFailure({ error: problem, since: first });
      })
      .finally(() => {
        isLoading.current = false;
        // What the user sees can have changed meanwhile.
        setAttempt((count) => count + 1);
      });
  }, [list, first, index, after, attempt]);

  const rows = useMemo(() => {
    if (first === null) return null;
    // A row that has moved up stays on its old page until that is loaded again.
    const all = new Map<string, Row>();
    for (const row of [first, ...pages.map(({ page }) => page)].flatMap((page) => page.rows)) if (!all.has(row.id)) all.set(row.id, row);
    return [...all.values()];
  }, [first, pages]);
  return { rows, error, retry: () => setFailure(null) };
}
