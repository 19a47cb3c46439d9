import { useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { memo } from "react";
import { requestTitle } from "../parts/request-title";
import { columnOf, type ColumnName } from "./columns";
import type { RequestRow } from "./requests-operations";

interface RequestTableRowProps {
  readonly row: RequestRow;
  readonly index: number;
  /** Pixels from the first row to this one. */
  readonly start: number;
  readonly height: number;
  readonly columns: readonly ColumnName[];
  readonly isCurrent: boolean;
  /** Null if the user cannot do anything with a selection. */
  readonly isSelected: boolean | null;
  readonly onSelect: (id: string, options: { readonly isExtending: boolean }) => void;
  /** Changes every minute, because the row says how far away times are. */
  readonly minute: number;
}

/** A request in the list. It is rendered again only if it has changed, so that a long list can be scrolled without a pause. */
export const RequestTableRow = memo(function RequestTableRow(props: RequestTableRowProps) {
  const { row, index, start, height, columns, isCurrent, isSelected, onSelect } = props;
  const { t } = useLingui();
  return (
    <div
      role="row"
      className="request-row"
      aria-rowindex={index + 2}
      data-current={isCurrent || undefined}
      data-selected={isSelected === true || undefined}
      style={{ transform: `translateY(${start}px)`, height }}
    >
      {isSelected !== null && (
        <span role="cell" className="select">
          <input
            type="checkbox"
            aria-label={t`Select ${row.number}`}
            checked={isSelected}
            onChange={({ nativeEvent }) => onSelect(row.id, { isExtending: nativeEvent instanceof MouseEvent && nativeEvent.shiftKey })}
          />
        </span>
      )}
      <span role="cell" className="key number">
        <Link to="/requests/$id" params={{ id: row.id }} aria-label={`${row.number} ${requestTitle(row.data, row.type?.name ?? null)}`}>
          {row.number}
        </Link>
      </span>
      {columns.map((name) => (
        <span role="cell" key={name} data-column={name}>
          {columnOf(name).cell(row)}
        </span>
      ))}
    </div>
  );
});
