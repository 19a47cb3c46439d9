import { Link } from "@tanstack/react-router";
import { Priority } from "../../inbox/priority";
import { requestTitle } from "../../parts/request-title";
import type { RequestRow } from "../requests-operations";
import { RowSla } from "../row-sla";
import { nextClock } from "../next-clock";
import { MoveMenu, type MoveMenuProps } from "./move-menu";

export interface BoardCardProps extends Pick<MoveMenuProps, "row" | "onFire"> {
  readonly top: number;
  /** Null at the end. */
  readonly onDrag: (row: RequestRow | null) => void;
}

export function BoardCard({ row, top, onDrag, onFire }: BoardCardProps) {
  const { id, number, data, type, priority, assignee } = row;
  const title = requestTitle(data, type?.name ?? null);
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
        <Link className="number" to="/requests/$id" params={{ id }} draggable={false} aria-label={`${number} ${title}`}>
          {number}
        </Link>
        <Priority priority={priority} />
        <MoveMenu row={row} onFire={onFire} />
      </div>
      <p className="row-title">{title}</p>
      <div className="bottom soft">
        <span>{assignee && "name" in assignee ? assignee.name : "–"}</span>
        {nextClock(row) !== null && <RowSla row={row} />}
      </div>
    </li>
  );
}
