import { Link } from "@tanstack/react-router";
import { Priority } from "../../inbox/priority";
import type { RequestRow } from "../requests-operations";
import { RowSla } from "../row-sla";
import { titleOf } from "../title-of";
import { nextClock } from "../next-clock";
import { MoveMenu, type MoveMenuProps } from "./move-menu";

export interface BoardCardProps extends Pick<MoveMenuProps, "row" | "onMove"> {
  readonly top: number;
  /** Null at the end. */
  readonly onDrag: (row: RequestRow | null) => void;
}

export function BoardCard({ row, top, onDrag, onMove }: BoardCardProps) {
  const { id, number, data, priority, assignee } = row;
  return (
    <li
      className="board-card"
      data-card={number}
      draggable
      style={{ transform: `translateY(${top}px)` }}
      onDragStart={(event) => {
        event.dataTransfer.effectAllowed = "move";
        event.dataTransfer.setData("text/plain", number);
        onDrag(row);
      }}
      onDragEnd={() => onDrag(null)}
    >
      <div className="top">
        <Link className="number" to="/requests/$id" params={{ id }} draggable={false} aria-label={`${number} ${titleOf(data)}`}>
          {number}
        </Link>
        <Priority priority={priority} />
        <MoveMenu row={row} onMove={onMove} />
      </div>
      <p className="row-title">{titleOf(data)}</p>
      <div className="bottom soft">
        <span>{assignee && "name" in assignee ? assignee.name : "–"}</span>
        {nextClock(row) !== null && <RowSla row={row} />}
      </div>
    </li>
  );
}
