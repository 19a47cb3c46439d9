import { Trans, useLingui } from "@lingui/react/macro";
import type { WeftError } from "@weft/client";
import { can, useViewer } from "../frame/viewer";
import { valueText } from "../formats/values";
import type { RequestFilter, RequestOrder } from "../gql/graphql";
import { SearchField } from "../parts/search-field";
import { ColumnsMenu } from "./columns-menu";
import { ExportButton } from "./export-dialog";
import { FilterBar } from "./filters/filter-bar";
import { filterFields } from "./filters/filter-fields";
import { filterKeys } from "./filters/filter-keys";
import { ImportButton } from "./import/import-button";
import { useRequestsSearch } from "./use-requests-search";
import { ViewsMenu } from "./views/views-menu";
import type { SavedView } from "./views/views-operations";

interface RequestsHeaderProps {
  readonly isBoard: boolean;
  /** Null if the user can see the list only. */
  readonly onLayout: ((layout: "board" | undefined) => void) | null;
  readonly total: number | null;
  readonly filter: RequestFilter | null;
  readonly orderBy: RequestOrder;
  readonly views: readonly SavedView[] | null;
  readonly viewsError: WeftError | null;
  readonly view: SavedView | null;
  readonly onViewsChanged: () => void;
}

/** What the list shows: the view, words to search for, filters, columns. */
export function RequestsHeader({
  isBoard,
  onLayout,
  total,
  filter,
  orderBy,
  views,
  viewsError,
  view,
  onViewsChanged,
}: RequestsHeaderProps) {
  const { t, i18n } = useLingui();
  const viewer = useViewer();
  const { search, update } = useRequestsSearch();
  // Users of vendors have neither views nor exports.
  const isStaff = viewer !== null && viewer.type !== "VENDOR";
  const nothing = Object.fromEntries([...filterKeys, "q"].map((key) => [key, undefined]));
  return (
    <header className="requests-header">
      <div className="bar">
        {isStaff ? (
          <ViewsMenu views={views} error={viewsError} view={view} filter={filter} orderBy={orderBy} onChanged={onViewsChanged} />
        ) : (
          <strong>{t`Requests`}</strong>
        )}
        {!isBoard && total !== null && <span className="soft number total">{valueText(total, i18n.locale)}</span>}
        <SearchField
          // What was typed for another view is not searched in this one.
          key={search.view ?? ""}
          label={t`Search requests`}
          placeholder={t`Search…`}
          value={search.q ?? ""}
          onChange={(q) => update({ q: q === "" ? undefined : q }, { replace: true })}
        />
        {onLayout !== null && (
          <div className="layouts" role="group" aria-label={t`Layout`}>
            <button type="button" aria-pressed={!isBoard} onClick={() => onLayout(undefined)}>
              <Trans>List</Trans>
            </button>
            <button type="button" aria-pressed={isBoard} onClick={() => onLayout("board")}>
              <Trans>Board</Trans>
            </button>
          </div>
        )}
        {!isBoard && <ColumnsMenu view={view} />}
        {!isBoard && isStaff && <ExportButton filter={filter} orderBy={orderBy} view={view} />}
        {!isBoard && isStaff && can(viewer, "request.create") && <ImportButton />}
      </div>
      <FilterBar
        fields={filterFields}
        filters={search}
        types={search.type}
        onChange={(key, value) => update({ [key]: value }, { replace: search[key] !== undefined && value !== undefined })}
        onClear={() => update(nothing)}
      />
    </header>
  );
}
