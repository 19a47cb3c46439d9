import "./requests.css";
import { useLingui } from "@lingui/react/macro";
import { ErrorMessage } from "@weft/react";
import { useMemo, useState } from "react";
import { useTimeZone } from "../formats/region";
import { useKeys } from "../frame/use-keys";
import { can, useViewer, useViewerId } from "../frame/viewer";
import { Board } from "./board/board";
import { requestFilter } from "./filters/filter-fields";
import { filterKeys } from "./filters/filter-keys";
import { RequestsHeader } from "./requests-header";
import { RequestsList } from "./requests-list";
import { newestFirst, orderOf, orders } from "./requests-search";
import { useRequestsSearch } from "./use-requests-search";
import { useViews } from "./views/use-views";

/** The requests that the user can see: as a list, or as a board by state. */
export function RequestsPage() {
  const { t } = useLingui();
  const viewerId = useViewerId();
  const timeZone = useTimeZone();
  // The columns of the board are the states of the definition.
  const hasBoard = can(useViewer(), "definition.read");
  const { search, update } = useRequestsSearch();
  const { views, error, reload } = useViews();
  const [total, setTotal] = useState<number | null>(null);
  const isBoard = hasBoard && search.layout === "board";
  const setLayout = (layout: "board" | undefined): void => update({ layout });
  useKeys(hasBoard ? { b: () => setLayout(isBoard ? undefined : "board") } : {});

  const filters = JSON.stringify([search.q, ...filterKeys.map((key) => search[key])]);
  const filter = useMemo(
    () => (viewerId === null ? null : requestFilter(search, { viewerId, now: new Date() })),
    // "Now" is when the filter was chosen: what the subscription follows must not change by itself.
    [filters, viewerId, timeZone],
  );
  const view = views?.find(({ id }) => id === search.view) ?? null;
  const order = orderOf(search.sort);
  const ofView = view?.orderBy ?? null;
  const shown = order ?? (ofView === null ? newestFirst : null);
  const orderBy = shown
    ? { field: orders[shown.name], direction: shown.isDescending ? ("DESC" as const) : ("ASC" as const) }
    : { field: ofView?.field as (typeof orders)["number"], direction: ofView?.direction ?? "ASC" };
  // A view's order and columns are needed before its first load, unless they cannot be loaded, and "me" needs the user.
  const isReady = viewerId !== null && (search.view === undefined || views !== null || error !== null);
  return (
    <section className="requests" aria-labelledby="requests-title">
      <h1 id="requests-title" className="hidden">{t`Requests`}</h1>
      <RequestsHeader
        isBoard={isBoard}
        onLayout={hasBoard ? setLayout : null}
        total={total}
        filter={filter}
        orderBy={orderBy}
        views={views}
        viewsError={error}
        view={view}
        onViewsChanged={reload}
      />
      {search.view !== undefined && view === null && <ErrorMessage error={error} />}
      {isReady &&
        (isBoard ? (
          <Board filter={filter} viewId={search.view ?? null} />
        ) : (
          <RequestsList filter={filter} view={view} order={shown} orderBy={orderBy} onTotal={setTotal} />
        ))}
    </section>
  );
}
