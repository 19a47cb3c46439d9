import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, useEffect, useRef } from "react";
import { exactText } from "../formats/times";
import type { AuditRow } from "./audit-operations";
import { useObjectTexts } from "./object-link";
import { searchWith, useAuditSearch } from "./use-audit-search";

interface AuditRowsProps {
  readonly rows: readonly AuditRow[];
  readonly hasMore: boolean;
  readonly isBusy: boolean;
  /** ID of the entry that is open. */
  readonly openId: string | null;
  readonly onEnd: () => void;
}

/** How many rows before the end the next page is loaded. */
const ahead = 25;
const height = 52;

/** Entries as rows. Only those in sight are in the document. */
export function AuditRows({ rows, hasMore, isBusy, openId, onEnd }: AuditRowsProps) {
  const { t } = useLingui();
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    getItemKey: (index) => rows[index]?.id ?? index,
    overscan: 12,
    scrollPaddingStart: 34,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && last >= rows.length - ahead) onEnd();
  }, [hasMore, last, rows.length, onEnd]);
  const index = rows.findIndex(({ id }) => id === openId);
  useEffect(() => {
    if (index !== -1) virtual.scrollToIndex(index);
    // The list follows the keys, not the rows that come.
  }, [openId]);
  return (
    <div className="audit-rows" ref={scroller} aria-busy={isBusy} tabIndex={-1}>
      <div role="table" aria-label={t`Audit trail`} aria-rowcount={hasMore ? -1 : rows.length + 1}>
        <div role="rowgroup" className="head">
          <div role="row" aria-rowindex={1}>
            <span role="columnheader">
              <Trans>Time</Trans>
            </span>
            <span role="columnheader">
              <Trans>Actor</Trans>
            </span>
            <span role="columnheader">
              <Trans>What</Trans>
            </span>
            <span role="columnheader">
              <Trans>Object</Trans>
            </span>
          </div>
        </div>
        <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: "relative" }}>
          {items.map(({ index: at, start, key }) => {
            const row = rows[at];
            return row && <Row key={key} row={row} index={at} start={start} isOpen={row.id === openId} />;
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

interface RowProps {
  readonly row: AuditRow;
  readonly index: number;
  /** Pixels from the first row to this one. */
  readonly start: number;
  readonly isOpen: boolean;
}

const Row = memo(function Row({ row, index, start, isOpen }: RowProps) {
  const { t, i18n } = useLingui();
  const { search } = useAuditSearch();
  const { type, name } = useObjectTexts()(row);
  const { at, actor, onBehalfOf, action, summary, entityId } = row;
  return (
    <div
      role="row"
      className="audit-row"
      aria-rowindex={index + 2}
      data-current={isOpen || undefined}
      style={{ transform: `translateY(${start}px)`, height }}
    >
      <span role="cell" className="when number">
        <time dateTime={at}>{exactText(at, i18n.locale)}</time>
      </span>
      <span role="cell" className="who">
        {actor?.name ?? t`Somebody`}
        {onBehalfOf && (
          <small>
            <Trans>for {onBehalfOf.name}</Trans>
          </small>
        )}
      </span>
      <span role="cell" className="what">
        <Link to="/audit" search={searchWith(search, { entry: row.id })} aria-current={isOpen || undefined} activeProps={{}} lang="en">
          {summary}
        </Link>
        <small>{action}</small>
      </span>
      <span role="cell" className="object">
        {name ?? entityId}
        <small>{type}</small>
      </span>
    </div>
  );
});
