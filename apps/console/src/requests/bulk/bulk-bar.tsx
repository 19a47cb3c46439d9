import { Plural, Trans } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { useState } from "react";
import type { RequestRow } from "../requests-operations";
import type { Selection } from "../use-selection";
import { BulkDialog } from "./bulk-dialog";

interface BulkBarProps {
  readonly rows: readonly RequestRow[];
  readonly selection: Selection;
}

/** What can be done with the rows that are marked. */
export function BulkBar({ rows, selection }: BulkBarProps) {
  const [instanceIds, setInstanceIds] = useState<readonly string[] | null>(null);
  const marked = rows.filter(({ id }) => selection.ids.has(id));
  const goneCount = selection.ids.size - marked.length;
  const chosen = marked.flatMap(({ workflow }) => workflow?.id ?? []);
  return (
    <div className="bulk-bar" role="status">
      <span>
        <Plural value={chosen.length} one="# request selected" other="# requests selected" />
        {goneCount > 0 && (
          <span className="soft">
            {" "}
            · <Plural value={goneCount} one="# is no longer in the list" other="# are no longer in the list" />
          </span>
        )}
      </span>
      <button type="button" className="quiet" onClick={() => selection.replace(rows.map(({ id }) => id))}>
        <Trans>Select all that are loaded</Trans>
      </button>
      <button type="button" className="quiet" onClick={() => selection.replace([])}>
        <Trans>Clear</Trans>
      </button>
      {/* The selection may change while the dialog is open, because requests leave the list. */}
      <Button size="xs" disabled={chosen.length === 0} onClick={() => setInstanceIds(chosen)}>
        <Trans>Change…</Trans>
      </Button>
      {instanceIds !== null && (
        <BulkDialog
          instanceIds={instanceIds}
          onClose={({ isDone }) => {
            setInstanceIds(null);
            if (isDone) selection.replace([]);
          }}
        />
      )}
    </div>
  );
}
