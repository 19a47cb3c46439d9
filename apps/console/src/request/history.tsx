import { plural } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { NativeSelect } from "@mantine/core";
import { Link, useNavigate } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { ErrorMessage } from "@weft/react";
import { useEffect, useLayoutEffect, useMemo, useRef, useState, type RefObject } from "react";
import { seesAudit } from "../frame/home";
import { useViewer } from "../frame/viewer";
import type { ConsoleTimelineQuery, RequestTimelineKind } from "../gql/graphql";
import { useLivePages } from "../parts/pages/use-live-pages";
import { collapse, keyOf } from "./collapse";
import { isMinor, kindTitles } from "./event-texts";
import { HistoryEntry } from "./history-entry";
import { requestChanged } from "./request-operations";
import { isKind, kinds } from "./tabs";
import { timelineCommented, timelineQuery, type TimelineEntry } from "./timeline-operations";

interface HistoryProps {
  readonly requestId: string;
  /** IDs of the request and of its workflow, whose entries the audit trail has. */
  readonly audited: readonly string[];
  readonly kind: RequestTimelineKind | null;
  /** The element that scrolls. */
  readonly scroller: RefObject<HTMLElement | null>;
}

interface TimelineVariables {
  readonly id: string;
  readonly kinds: RequestTimelineKind[] | null;
}

/** What happened to a request, newest first. Older entries are loaded as the user scrolls, and only those in view are in the page. */
export function History({ requestId, audited, kind, scroller }: HistoryProps) {
  const { i18n, t } = useLingui();
  const viewer = useViewer();
  const navigate = useNavigate({ from: "/requests/$id" });
  const variables = { id: requestId };
  const list = useLivePages<ConsoleTimelineQuery, TimelineVariables, TimelineEntry>({
    query: timelineQuery,
    sources: [
      { subscription: requestChanged, variables },
      {
        subscription: timelineCommented,
        variables,
        concerns: ({ requestCommentChanged: { change } }: { readonly requestCommentChanged: { readonly change: string } }) => {
          if (change !== "ADDED") list.forgetOlder();
          return true;
        },
      },
    ],
    variables: { id: requestId, kinds: kind === null ? null : [kind] },
    pageOf: ({ request }) => request?.timeline,
  });
  const { page, error, isLoadingMore, loadMore, reload } = list;
  return (
    <div className="timeline">
      <div className="timeline-head">
        <NativeSelect
          size="xs"
          aria-label={t`Show`}
          value={kind ?? ""}
          data={[{ value: "", label: t`Everything` }, ...kinds.map((one) => ({ value: one, label: i18n._(kindTitles[one]) }))]}
          onChange={({ currentTarget: { value } }) =>
            void navigate({ search: { tab: "history", ...(isKind(value) && { kind: value }) }, replace: true })
          }
        />
        {seesAudit(viewer) && (
          <Link to="/audit" search={{ object: audited.join(",") }}>
            <Trans>Audit trail</Trans>
          </Link>
        )}
      </div>
      <ErrorMessage error={error} />
      {error !== null && page !== null && (
        <button type="button" className="link" onClick={() => void reload().then(loadMore)}>
          <Trans>Try again</Trans>
        </button>
      )}
      {page === null ? (
        error === null && <div className="placeholder high" role="status" aria-busy="true" />
      ) : page.edges.length === 0 ? (
        <p className="soft">
          <Trans>Nothing of this kind has happened.</Trans>
        </p>
      ) : (
        <Rows page={page} areAllShown={kind !== null} scroller={scroller} isLoadingMore={isLoadingMore} onEnd={loadMore} />
      )}
    </div>
  );
}

interface RowsProps {
  readonly page: NonNullable<ReturnType<typeof useLivePages<ConsoleTimelineQuery, TimelineVariables, TimelineEntry>>["page"]>;
  readonly areAllShown: boolean;
  readonly scroller: RefObject<HTMLElement | null>;
  readonly isLoadingMore: boolean;
  readonly onEnd: () => void;
}

const nothing = (): boolean => false;

function Rows({ page, areAllShown, scroller, isLoadingMore, onEnd }: RowsProps) {
  const { t } = useLingui();
  const list = useRef<HTMLOListElement>(null);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const rows = useMemo(() => collapse(page.edges, { isMinor: areAllShown ? nothing : isMinor, open }), [page, areAllShown, open]);
  const scrollMargin = useOffset(list, scroller);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 52,
    getItemKey: (index) => keyOf(rows[index] as (typeof rows)[number]),
    overscan: 12,
    scrollMargin,
  });
  const items = virtual.getVirtualItems();
  const isAtEnd = (items.at(-1)?.index ?? 0) >= rows.length - 10;
  useEffect(() => {
    if (isAtEnd && page.pageInfo.hasNextPage) onEnd();
    // Once for each page: after an error, the user decides.
  }, [isAtEnd, page]);
  return (
    <>
      <ol ref={list} className="entries" style={{ height: virtual.getTotalSize() }}>
        {items.map(({ index, key, start }) => {
          const row = rows[index];
          if (!row) return null;
          const props = { ref: virtual.measureElement, "data-index": index, style: { transform: `translateY(${start - scrollMargin}px)` } };
          return row.kind === "entry" ? (
            <li key={key} {...props}>
              <HistoryEntry entry={row.edge.node} />
            </li>
          ) : (
            <li key={key} {...props}>
              <button
                type="button"
                className="link minor"
                onClick={() => setOpen(new Set([...open, ...row.edges.map(({ cursor }) => cursor)]))}
              >
                {t`${plural(row.edges.length, { one: "# minor entry", other: "# minor entries" })}`}
              </button>
            </li>
          );
        })}
      </ol>
      <p role="status" className="soft">
        {isLoadingMore && <Trans>Loading earlier entries…</Trans>}
      </p>
    </>
  );
}

/** How far below the top of what scrolls a list begins. What is above it can grow. */
function useOffset(list: RefObject<HTMLElement | null>, scroller: RefObject<HTMLElement | null>): number {
  const [offset, setOffset] = useState(0);
  useLayoutEffect(() => {
    const measure = (): void => {
      if (list.current === null || scroller.current === null) return;
      setOffset(
        Math.round(list.current.getBoundingClientRect().top - scroller.current.getBoundingClientRect().top + scroller.current.scrollTop),
      );
    };
    measure();
    const observer = new ResizeObserver(measure);
    for (const element of scroller.current?.querySelectorAll(":scope > *, .request-main > *") ?? []) observer.observe(element);
    return () => observer.disconnect();
  }, [list, scroller]);
  return offset;
}
