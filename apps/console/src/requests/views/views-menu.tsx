import { Trans, useLingui } from "@lingui/react/macro";
import { Menu } from "@mantine/core";
import type { WeftError } from "@weft/client";
import { ErrorMessage } from "@weft/react";
import { useState } from "react";
import { filterKeys } from "../filters/filter-keys";
import type { RequestFilter, RequestOrder } from "../../gql/graphql";
import { useRequestsSearch } from "../use-requests-search";
import { DeleteViewDialog } from "./delete-view-dialog";
import { SaveViewDialog } from "./save-view-dialog";
import type { SavedView } from "./views-operations";

interface ViewsMenuProps {
  readonly views: readonly SavedView[] | null;
  /** Why the views could not be loaded. */
  readonly error: WeftError | null;
  readonly view: SavedView | null;
  readonly filter: RequestFilter | null;
  readonly orderBy: RequestOrder;
  readonly onChanged: () => void;
}

/** The saved views: opens one, saves what is shown as a new one, deletes the open one. */
export function ViewsMenu({ views, error, view, filter, orderBy, onChanged }: ViewsMenuProps) {
  const { t } = useLingui();
  const { search, update } = useRequestsSearch();
  const [isSaving, setSaving] = useState(false);
  const [deleted, setDeleted] = useState<SavedView | null>(null);
  const withoutFilters = Object.fromEntries([...filterKeys, "q", "sort", "columns", "view"].map((key) => [key, undefined]));
  const open = (change: { readonly view?: string; readonly status?: string }): void => update({ ...withoutFilters, ...change });
  const isOpenList = search.view === undefined && search.status === "OPEN";
  const title =
    view?.name ?? (search.view !== undefined ? (error === null ? "…" : t`Saved view`) : isOpenList ? t`Open requests` : t`All requests`);
  return (
    <>
      <Menu position="bottom-start" withinPortal={false} shadow="md" width={260}>
        <Menu.Target>
          <button type="button" className="view-name">
            {title} <span aria-hidden="true">▾</span>
          </button>
        </Menu.Target>
        <Menu.Dropdown className="tall">
          <Menu.Item onClick={() => open({ status: "OPEN" })}>
            <Trans>Open requests</Trans>
          </Menu.Item>
          <Menu.Item onClick={() => open({})}>
            <Trans>All requests</Trans>
          </Menu.Item>
          {error !== null && (
            <>
              <ErrorMessage error={error} />
              <Menu.Item onClick={onChanged} closeMenuOnClick={false}>
                <Trans>Load the views again</Trans>
              </Menu.Item>
            </>
          )}
          {views !== null && views.length > 0 && (
            <Menu.Label>
              <Trans>Saved views</Trans>
            </Menu.Label>
          )}
          {views?.map(({ id, name, visibility, count }) => (
            <Menu.Item
              key={id}
              data-view={id}
              onClick={() => open({ view: id })}
              rightSection={<span className="soft number">{count}</span>}
            >
              {name}
              {visibility !== "PRIVATE" && (
                <span className="soft">
                  {" "}
                  · <Trans>shared</Trans>
                </span>
              )}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item onClick={() => setSaving(true)} data-action="save-view">
            <Trans>Save as a view…</Trans>
          </Menu.Item>
          {view?.viewerCanUpdate && (
            <Menu.Item onClick={() => setDeleted(view)} data-action="delete-view">
              <Trans>Delete this view…</Trans>
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {deleted !== null && (
        <DeleteViewDialog
          view={deleted}
          onClose={() => setDeleted(null)}
          onDeleted={() => {
            setDeleted(null);
            open({ status: "OPEN" });
            onChanged();
          }}
        />
      )}
      {isSaving && (
        <SaveViewDialog
          view={view}
          filter={filter}
          orderBy={orderBy}
          onClose={() => setSaving(false)}
          onSaved={(id) => {
            setSaving(false);
            onChanged();
            open({ view: id });
          }}
        />
      )}
    </>
  );
}
