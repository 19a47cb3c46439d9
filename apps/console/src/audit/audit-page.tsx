import "./audit.css";
import { Trans, useLingui } from "@lingui/react/macro";
import { useMemo, useRef } from "react";
import { useTimeZone } from "../formats/region";
import { Message } from "../frame/messages";
import { useKeys } from "../frame/use-keys";
import { can, useViewer } from "../frame/viewer";
import { ListError } from "../parts/list-page/list-error";
import { Placeholders } from "../parts/placeholders";
import { FilterBar } from "../requests/filters/filter-bar";
import { auditFields, auditFilter } from "./audit-filters";
import { auditFilterKeys } from "./audit-search";
import { AuditRows } from "./audit-rows";
import { ChainState } from "./chain/chain-state";
import { EntryPane } from "./entry-pane";
import { FollowEntries } from "./follow-entries";
import { useAuditPages, type AuditPages } from "./use-audit-pages";
import { useAuditSearch } from "./use-audit-search";

const noFilters = Object.fromEntries(auditFilterKeys.map((key) => [key, undefined]));

/** Who changed what, when and from where: the audit trail, filtered, with the entry that is open. */
export function AuditPage() {
  const { t } = useLingui();
  const viewer = useViewer();
  const viewerId = viewer?.id ?? null;
  const timeZone = useTimeZone();
  const { search, update } = useAuditSearch();
  const filters = JSON.stringify(auditFilterKeys.map((key) => search[key]));
  const filter = useMemo(
    () => (viewerId === null ? null : auditFilter(search, { viewerId, now: new Date() })),
    // "Now" is when the filter was chosen.
    [filters, viewerId, timeZone],
  );
  return (
    <div className="audit" data-shows={search.entry === undefined ? "list" : "entry"}>
      <section className="audit-list" aria-labelledby="audit-title">
        <header className="audit-header">
          <h1 id="audit-title">{t`Audit trail`}</h1>
          {can(viewer, "audit.verify") && <ChainState />}
          <FilterBar
            fields={auditFields}
            filters={search}
            onChange={(key, value) => update({ [key]: value }, { replace: search[key] !== undefined && value !== undefined })}
            onClear={() => update(noFilters)}
          />
        </header>
        {viewerId !== null && <Entries filter={filter} viewerId={viewerId} />}
      </section>
      {search.entry !== undefined && <EntryPane key={search.entry} id={search.entry} onClose={() => update({ entry: undefined })} />}
    </div>
  );
}

/** The list and its keys. */
function Entries({ filter, viewerId }: { readonly filter: Parameters<typeof useAuditPages>[0]; readonly viewerId: string }) {
  const { search, update } = useAuditSearch();
  const pages = useAuditPages(filter);
  const { rows, next, isStale, loadMore } = pages;
  const list = useRef<HTMLDivElement>(null);
  const openId = search.entry ?? null;
  const index = rows?.findIndex(({ id }) => id === openId) ?? -1;
  const move = (by: number): void => {
    const to = rows?.[index === -1 ? 0 : Math.min(Math.max(index + by, 0), rows.length - 1)];
    if (to) update({ entry: to.id }, { replace: openId !== null });
  };
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    r: pages.reload,
    Enter: () => document.getElementById("entry-title")?.focus(),
    Escape: () =>
      document.activeElement?.closest(".audit-entry")
        ? list.current?.querySelector<HTMLElement>("[data-current] a")?.focus()
        : update({ entry: undefined }),
  });
  return (
    <div className="audit-body" ref={list}>
      <Notices pages={pages} />
      {rows !== null && !isStale && !pages.hasNewer && (
        <FollowEntries filter={filter} viewerId={viewerId} rows={rows} onNewer={pages.onNewer} />
      )}
      {rows === null ? (
        pages.error === null && <Placeholders count={12} />
      ) : rows.length === 0 && !isStale ? (
        <Message title={filter === null ? <Trans>There are no entries yet</Trans> : <Trans>No entry matches</Trans>}>
          <p>{filter === null ? <Trans>Each change appears here.</Trans> : <Trans>Remove a filter, or choose other values.</Trans>}</p>
        </Message>
      ) : (
        <AuditRows rows={rows} hasMore={next !== null} isBusy={isStale} openId={openId} onEnd={loadMore} />
      )}
    </div>
  );
}

/** What is wrong with the list, and whether there is more. */
function Notices({ pages: { error, hasNewer, reload } }: { readonly pages: AuditPages }) {
  return (
    <>
      <ListError error={error} reload={reload} />
      <div role="status">
        {hasNewer && (
          <button type="button" className="newer-entries" onClick={reload}>
            <Trans>Show newer entries</Trans>
          </button>
        )}
      </div>
    </>
  );
}
