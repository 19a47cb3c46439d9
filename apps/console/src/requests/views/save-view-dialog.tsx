import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Modal } from "@mantine/core";
import { ErrorMessage, useAction } from "@weft/react";
import { useState } from "react";
import { useViewer } from "../../frame/viewer";
import type { RequestFilter, RequestOrder } from "../../gql/graphql";
import { chosenColumns, columnOf } from "../columns";
import { useRequestsSearch } from "../use-requests-search";
import { saveView, type SavedView } from "./views-operations";

interface SaveViewDialogProps {
  /** The view that is open: its conditions are part of the new one. */
  readonly view: SavedView | null;
  readonly filter: RequestFilter | null;
  readonly orderBy: RequestOrder;
  readonly onClose: () => void;
  readonly onSaved: (id: string) => void;
}

/** Saves filter, order and columns under a name. Ranges such as the last 7 days, and the user's own tasks, become fixed. */
export function SaveViewDialog({ view, filter, orderBy, onClose, onSaved }: SaveViewDialogProps) {
  const { t } = useLingui();
  const viewer = useViewer();
  const { search } = useRequestsSearch();
  const { run, isPending, error } = useAction(saveView);
  const [name, setName] = useState("");
  const [isShared, setShared] = useState(false);
  const canShare = viewer?.effectivePermissions?.some(({ permission, scopes }) => permission === "view.share" && scopes.includes("TENANT"));
  const columns = chosenColumns(search.columns, view?.columns ?? []).map((column) => columnOf(column).path);
  const all = [view?.filter, filter].filter((one) => one !== null && one !== undefined);
  async function save(): Promise<void> {
    const saved = await run({
      input: {
        list: "REQUESTS",
        name: name.trim(),
        visibility: isShared ? "TENANT" : "PRIVATE",
        filter: all.length > 1 ? { and: all } : (all[0] ?? {}),
        orderBy: { field: orderBy.field, direction: orderBy.direction ?? "ASC" },
        columns: ["number", ...columns],
      },
    });
    if (saved?.saveView) onSaved(saved.saveView.view.id);
  }
  return (
    <Modal opened onClose={onClose} title={t`Save as a view`} lockScroll={false} closeButtonProps={{ "aria-label": t`Close` }}>
      <form
        className="dialog-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== "" && !isPending) void save();
        }}
      >
        <label>
          <Trans>Name</Trans>
          <input
            data-autofocus
            required
            maxLength={100}
            name="name"
            value={name}
            onChange={({ currentTarget }) => setName(currentTarget.value)}
          />
        </label>
        {canShare && (
          <label className="check">
            <input type="checkbox" name="shared" checked={isShared} onChange={({ currentTarget }) => setShared(currentTarget.checked)} />
            <Trans>Everybody in the organization sees the view</Trans>
          </label>
        )}
        <p className="soft">
          <Trans>The view keeps the filters, the order and the columns. Each user sees only the requests that they can see anyway.</Trans>
        </p>
        <ErrorMessage error={error} />
        <Button type="submit" loading={isPending}>
          <Trans>Save</Trans>
        </Button>
      </form>
    </Modal>
  );
}
