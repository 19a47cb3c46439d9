import { Trans } from "@lingui/react/macro";
import { useNavigate } from "@tanstack/react-router";
import { ErrorMessage } from "@weft/react";
import { useEffect, useMemo, useState } from "react";
import { Message } from "../frame/messages";
import { useKeys } from "../frame/use-keys";
import { can, useViewer } from "../frame/viewer";
import type { RequestFilter, RequestOrder } from "../gql/graphql";
import { BulkBar } from "./bulk/bulk-bar";
import { chosenColumns, columnOf } from "./columns";
import { RequestTable } from "./request-table";
import type { Order, OrderName } from "./requests-search";
import { useRequestPages } from "./use-request-pages";
import { useRequestsSearch } from "./use-requests-search";
import { useSelection } from "./use-selection";
import type { SavedView } from "./views/views-operations";

interface RequestsListProps {
  readonly filter: RequestFilter | null;
  readonly view: SavedView | null;
  /** Null: a view's own order that has no column. */
  readonly order: Order | null;
  readonly orderBy: RequestOrder;
  readonly onTotal: (total: number | null) => void;
}

/** The list, its keys and its selection. */
export function RequestsList({ filter, view, order, orderBy, onTotal }: RequestsListProps) {
  const viewer = useViewer();
  const { search, update } = useRequestsSearch();
  const navigate = useNavigate();
  const columns = useMemo(() => chosenColumns(search.columns, view?.columns ?? []), [search.columns, view]);
  const withPlace = columns.some((name) => columnOf(name).path.startsWith("building") || columnOf(name).path.startsWith("asset"));
  const pages = useRequestPages({ filter, viewId: search.view ?? null, orderBy, withPlace });
  const { rows, total, error, isStale, next, loadMore, reload } = pages;
  const [currentId, setCurrentId] = useState<string | null>(null);
  const selection = useSelection(rows?.map(({ id }) => id) ?? []);
  const canSelect = can(viewer, "workflow.bulk");
  useEffect(() => onTotal(total), [total, onTotal]);

  const index = rows?.findIndex(({ id }) => id === currentId) ?? -1;
  const move = (by: number, { extends: isExtending = false } = {}): void => {
    const to = rows?.[index === -1 ? 0 : Math.min(Math.max(index + by, 0), rows.length - 1)];
    if (to === undefined) return;
    if (isExtending && canSelect) {
      if (currentId !== null && !selection.ids.has(currentId)) selection.toggle(currentId);
      selection.extendTo(to.id);
    }
    setCurrentId(to.id);
  };
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    J: () => move(1, { extends: true }),
    K: () => move(-1, { extends: true }),
    x: () => canSelect && currentId !== null && selection.toggle(currentId),
    Enter: () => currentId !== null && void navigate({ to: "/requests/$id", params: { id: currentId } }),
    Escape: () => (selection.ids.size > 0 ? selection.replace([]) : setCurrentId(null)),
  });
  const onOrder = (name: OrderName): void => {
    const isSame = order?.name === name;
    // Dates and priorities begin with the newest and the most urgent.
    const isDescending = isSame ? !order.isDescending : name === "created" || name === "changed" || name === "priority";
    update({ sort: `${isDescending ? "-" : ""}${name}` }, { replace: true });
  };
  const isFiltered = filter !== null || search.view !== undefined;

  if (rows === null)
    return error === null ? (
      <Placeholders />
    ) : (
      <Message title={<Trans>The requests could not be loaded.</Trans>}>
        <ErrorMessage error={error} />
        <button type="button" className="link" onClick={reload}>
          <Trans>Try again</Trans>
        </button>
      </Message>
    );
  return (
    <>
      {error !== null && (
        <div>
          <ErrorMessage error={error} />
          <button type="button" className="link" onClick={reload}>
            <Trans>Try again</Trans>
          </button>
        </div>
      )}
      {rows.length === 0 && !isStale ? (
        <Message title={isFiltered ? <Trans>No request matches</Trans> : <Trans>There are no requests yet</Trans>}>
          <p>
            {isFiltered ? (
              <Trans>Remove a filter, or search for other words.</Trans>
            ) : (
              <Trans>Requests appear here as soon as somebody creates one.</Trans>
            )}
          </p>
        </Message>
      ) : (
        <RequestTable
          rows={rows}
          total={total}
          columns={columns}
          order={order}
          hasMore={next !== null}
          isBusy={isStale}
          currentId={currentId}
          selection={canSelect ? selection : null}
          onOrder={onOrder}
          onEnd={loadMore}
        />
      )}
      {selection.ids.size > 0 && <BulkBar rows={rows} selection={selection} />}
    </>
  );
}

/** As high as rows, so that nothing moves when they come. */
const Placeholders = () => (
  <div className="request-rows" role="status">
    <span className="hidden">
      <Trans>Loading…</Trans>
    </span>
    {Array.from({ length: 14 }, (_, index) => (
      <div key={index} className="placeholder" />
    ))}
  </div>
);
