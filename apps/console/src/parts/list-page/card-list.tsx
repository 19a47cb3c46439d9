import { Trans } from "@lingui/react/macro";
import type { ReactNode } from "react";
import type { PageList } from "../pages/use-page-list";
import { Placeholders } from "../placeholders";
import { ListError } from "./list-error";

interface CardListProps<Row> {
  readonly list: PageList<Row>;
  /** What is said if there is nothing to list. */
  readonly empty: ReactNode;
  /** Makes the items of the list. */
  readonly children: (rows: readonly Row[]) => ReactNode;
}

/** A list that is loaded page by page, with what it shows until then, if that fails, and if it is empty. */
export function CardList<Row>({ list: { rows, next, error, isStale, loadMore, reload }, empty, children }: CardListProps<Row>) {
  return (
    <>
      <ListError error={error} reload={reload} />
      {rows === null ? (
        error === null && <Placeholders count={4} />
      ) : rows.length === 0 && !isStale ? (
        empty
      ) : (
        <ul className="card-list" aria-busy={isStale}>
          {children(rows)}
        </ul>
      )}
      {next !== null && (
        <button type="button" className="quiet" onClick={loadMore}>
          <Trans>Show more</Trans>
        </button>
      )}
    </>
  );
}
