import { Trans, useLingui } from "@lingui/react/macro";
import { useVirtualizer } from "@tanstack/react-virtual";
import { ErrorMessage } from "@weft/react";
import { useEffect, useRef } from "react";
import { valueText } from "../../formats/values";
import type { RequestFilter } from "../../gql/graphql";
import type { WorkflowState } from "../../parts/workflow-states";
import type { RequestRow } from "../requests-operations";
import { useRequestPages } from "../use-request-pages";
import { BoardCard, type BoardCardProps } from "./board-card";
import type { Drop } from "./drop-of";

interface BoardColumnProps extends Pick<BoardCardProps, "onDrag" | "onFire"> {
  readonly state: WorkflowState;
  readonly filter: RequestFilter;
  readonly viewId: string | null;
  /** Null while no card is dragged. */
  readonly drop: Drop | null;
  readonly onDrop: () => void;
}

const cardHeight = 112;
const mostUrgentFirst = { field: "PRIORITY", direction: "DESC" } as const;

/** The requests in a state, the most urgent first. */
export function BoardColumn({ state: { name, title }, filter, viewId, drop, onDrag, onDrop, onFire }: BoardColumnProps) {
  const { i18n } = useLingui();
  const { rows, total, next, error, loadMore, reload } = useRequestPages({
    filter: { and: [filter, { state: { eq: name } }] },
    viewId,
    orderBy: mostUrgentFirst,
    withPlace: false,
  });
  const scroller = useRef<HTMLUListElement>(null);
  const cards: readonly RequestRow[] = rows ?? [];
  const virtual = useVirtualizer({
    count: cards.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => cardHeight,
    getItemKey: (index) => cards[index]?.id ?? index,
    overscan: 4,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (next !== null && last >= cards.length - 10) loadMore();
  }, [next, last, cards.length, loadMore]);
  return (
    <section
      className="board-column"
      aria-labelledby={`column-${name}`}
      aria-busy={rows === null}
      data-state={name}
      data-drop={drop?.kind}
      onDragOver={(event) => {
        if (drop?.kind !== "allowed") return;
        // What a browser needs to know that a drop is possible.
        event.preventDefault();
        event.dataTransfer.dropEffect = "move";
      }}
      onDrop={(event) => {
        event.preventDefault();
        if (drop?.kind === "allowed") onDrop();
      }}
    >
      <h2 id={`column-${name}`}>
        {title} <span className="soft number">{total === null ? "" : valueText(total, i18n.locale)}</span>
      </h2>
      {drop?.kind === "refused" && (
        <p className="refusal">{drop.reasons.length > 0 ? drop.reasons.join(" ") : <Trans>No transition leads here.</Trans>}</p>
      )}
      {error !== null && (
        <div>
          <ErrorMessage error={error} />
          <button type="button" className="link" onClick={reload}>
            <Trans>Try again</Trans>
          </button>
        </div>
      )}
      <ul ref={scroller}>
        <li className="filler" aria-hidden="true" style={{ height: virtual.getTotalSize() }} />
        {items.map(({ index, start, key }) => {
          const row = cards[index];
          return row && <BoardCard key={key} row={row} top={start} onDrag={onDrag} onFire={onFire} />;
        })}
      </ul>
    </section>
  );
}
