import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Modal } from "@mantine/core";
import { ErrorMessage, useAction } from "@weft/react";
import { deleteView, type SavedView } from "./views-operations";

interface DeleteViewDialogProps {
  readonly view: SavedView;
  readonly onClose: () => void;
  readonly onDeleted: () => void;
}

/** Asks before it deletes a view, which cannot be undone. */
export function DeleteViewDialog({ view: { id, name, version, visibility }, onClose, onDeleted }: DeleteViewDialogProps) {
  const { t } = useLingui();
  const { run, isPending, error } = useAction(deleteView);
  async function remove(): Promise<void> {
    if ((await run({ input: { id, expectedVersion: version } })) !== null) onDeleted();
  }
  return (
    <Modal opened onClose={onClose} title={t`Delete this view`} lockScroll={false} closeButtonProps={{ "aria-label": t`Close` }}>
      <form
        className="dialog-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isPending) void remove();
        }}
      >
        <p>
          <Trans>The view “{name}” will be deleted. Its requests stay as they are.</Trans>
        </p>
        {visibility !== "PRIVATE" && (
          <p className="notice warn">
            <Trans>It is shared: other users can no longer open it either.</Trans>
          </p>
        )}
        <ErrorMessage error={error} />
        <Button type="submit" loading={isPending}>
          <Trans>Delete</Trans>
        </Button>
      </form>
    </Modal>
  );
}
