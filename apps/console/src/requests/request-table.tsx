import { Trans, useLingui } from "@lingui/react/macro";
import { useMediaQuery } from "@mantine/hooks";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect, useRef, type CSSProperties } from "react";
import { useMinute } from "../parts/use-minute";
import { columnOf, type ColumnName } from "./columns";
import { RequestTableRow } from "./request-table-row";
import type { RequestRow } from "./requests-operations";
import type { Order, OrderName } from "./requests-search";
import type { Selection } from "./use-selection";

interface RequestTableProps {
  readonly rows: readonly RequestRow[];
  readonly total: number | null;
  readonly columns: readonly ColumnName[];
  readonly order: Order | null;
  readonly hasMore: boolean;
  readonly isBusy: boolean;
  /** ID of the row that the keys are at. */
  readonly currentId: string | null;
  /** Null if the user cannot do anything with a selection. */
  readonly selection: Selection | null;
  readonly onOrder: (name: OrderName) => void;
  readonly onEnd: () => void;
}

/** How many rows before the end the next page is loaded. */
const ahead = 25;

/** Requests as rows. Only those in sight are in the document. */
export function RequestTable(props: RequestTableProps) {
  const { rows, total, columns, order, hasMore, isBusy, currentId, selection, onOrder, onEnd } = props;
  const { t } = useLingui();
  const minute = useMinute();
  const isNarrow = useMediaQuery("(max-width: 760px)") ?? false;
  const scroller = useRef<HTMLDivElement>(null);
  const height = isNarrow ? 60 : 40;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    getItemKey: (index) => rows[index]?.id ?? index,
    overscan: 12,
    scrollPaddingStart: isNarrow ? 0 : 34,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && last >= rows.length - ahead) onEnd();
  }, [hasMore, last, rows.length, onEnd]);
  useEffect(() => virtual.measure(), [virtual, height]);

  const index = rows.findIndex(({ id }) => id === currentId);
  useEffect(() => {
    if (index === -1) return;
    virtual.scrollToIndex(index);
    // The row is in the document after the next frame, if it was out of sight.
    const frame = requestAnimationFrame(() =>
      scroller.current?.querySelector<HTMLElement>("[data-current] a")?.focus({ preventScroll: true }),
    );
    return () => cancelAnimationFrame(frame);
    // The focus follows the keys, not the rows that come and go.
  }, [currentId]);

  const selecting = useRef(selection);
  useEffect(() => {
    selecting.current = selection;
  });
  const onSelect = useCallback((id: string, { isExtending }: { readonly isExtending: boolean }) => {
    if (isExtending) selecting.current?.extendTo(id);
    else selecting.current?.toggle(id);
  }, []);

  const widths = [...(selection ? ["32px"] : []), "84px", ...columns.map((name) => columnOf(name).width)].join(" ");
  return (
    <div className="request-rows" ref={scroller} aria-busy={isBusy} tabIndex={-1}>
      <div
        role="table"
        aria-label={t`Requests`}
        aria-rowcount={total === null ? -1 : total + 1}
        data-selects={selection !== null}
        style={{ "--columns": widths } as CSSProperties}
      >
        <div role="rowgroup" className="head">
          <div role="row" aria-rowindex={1}>
            {selection && (
              <span role="columnheader">
                <span className="hidden">
                  <Trans>Selected</Trans>
                </span>
              </span>
            )}
            <Head name={null} order={order} onOrder={onOrder} />
            {columns.map((name) => (
              <Head key={name} name={name} order={order} onOrder={onOrder} />
            ))}
          </div>
        </div>
        <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: "relative" }}>
          {items.map(({ index: at, start, key }) => {
            const row = rows[at];
            if (row === undefined) return null;
            return (
              <RequestTableRow
                key={key}
                row={row}
                index={at}
                start={start}
                height={height}
                columns={columns}
                isCurrent={row.id === currentId}
                isSelected={selection?.ids.has(row.id) ?? null}
                onSelect={onSelect}
                minute={minute}
              />
            );
          })}
        </div>
      </div>
      {hasMore && (
        <p role="status" className="more">
          <Trans>Loading more…</Trans>
        </p>
      )}
    </div>
  );
}

interface HeadProps {
  /** Null: the number. */
  readonly name: ColumnName | null;
  readonly order: Order | null;
  readonly onOrder: (name: OrderName) => void;
}

function Head({ name, order, onOrder }: HeadProps) {
  const { t, i18n } = useLingui();
  const title = name === null ? t`Number` : i18n._(columnOf(name).title);
  const by = name === null ? "number" : columnOf(name).order;
  const isOrdered = by !== undefined && order?.name === by;
  return (
    <span role="columnheader" aria-sort={isOrdered ? (order.isDescending ? "descending" : "ascending") : undefined}>
      {by === undefined ? (
        title
      ) : (
        <button type="button" onClick={() => onOrder(by)}>
          {title}
          {isOrdered && <span aria-hidden="true">{order.isDescending ? " ↓" : " ↑"}</span>}
        </button>
      )}
    </span>
  );
}
