import { Trans, useLingui } from "@lingui/react/macro";
import { Modal } from "@mantine/core";
import { ProofForm } from "../account/proof-form";
import { weft } from "../weft";
import { reportKinds } from "./report-kinds";
import { deleteReport, type Report } from "./report-operations";

interface DeleteReportDialogProps {
  readonly report: Report;
  readonly onDeleted: () => void;
  readonly onClose: () => void;
}

/** Deletes a report with its files, after it has asked once more. */
export function DeleteReportDialog({ report: { id, kind }, onDeleted, onClose }: DeleteReportDialogProps) {
  const { t, i18n } = useLingui();
  async function remove(): Promise<void> {
    await weft.mutate(deleteReport, { input: { id } });
    onDeleted();
  }
  return (
    <Modal
      opened
      onClose={onClose}
      title={t`Delete the report ${i18n._(reportKinds[kind].title)}`}
      lockScroll={false}
      closeButtonProps={{ "aria-label": t`Close` }}
    >
      <div className="report-form">
        <ProofForm methods={[]} action={<Trans>Delete</Trans>} onProved={remove} onCancel={onClose}>
          <p>
            <Trans>The report and its files are deleted. This cannot be undone.</Trans>
          </p>
        </ProofForm>
      </div>
    </Modal>
  );
}
