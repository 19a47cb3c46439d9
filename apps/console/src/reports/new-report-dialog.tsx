import { Trans, useLingui } from "@lingui/react/macro";
import { Modal } from "@mantine/core";
import { useState } from "react";
import { ProofForm } from "../account/proof-form";
import { dayOf, startOfDay, timeZoneName } from "../formats/region";
import type { ComplianceReportKind } from "../gql/graphql";
import { weft } from "../weft";
import { firstChoice, inputOf, KindFields } from "./kind-fields";
import { createReport } from "./report-operations";

interface NewReportDialogProps {
  /** Kinds that the user can create: at least one. */
  readonly kinds: readonly [ComplianceReportKind, ...ComplianceReportKind[]];
  readonly onCreated: () => void;
  readonly onClose: () => void;
}

const dayMs = 86_400_000;

/** Creates a report of a period. Its days are those of the user's time zone. */
export function NewReportDialog({ kinds, onCreated, onClose }: NewReportDialogProps) {
  const { t } = useLingui();
  const [choice, setChoice] = useState(firstChoice(kinds[0]));
  const today = dayOf(Date.now());
  const [from, setFrom] = useState(dayOf(Date.now() - 30 * dayMs));
  const [to, setTo] = useState(today);
  async function create(): Promise<void> {
    // The last day is part of the period; of today, what has happened until now.
    const period = { from: new Date(startOfDay(from)).toISOString(), ...(to < today && { to: new Date(startOfDay(to, 1)).toISOString() }) };
    await weft.mutate(createReport, { input: { ...inputOf(choice), ...period, timeZone: timeZoneName() } });
    onCreated();
  }
  return (
    <Modal opened onClose={onClose} title={t`New report`} lockScroll={false} closeButtonProps={{ "aria-label": t`Close` }}>
      <div className="report-form">
        <ProofForm methods={[]} action={<Trans>Create</Trans>} onProved={create} onCancel={onClose}>
          <KindFields kinds={kinds} value={choice} onChange={setChoice} />
          <div className="period">
            <label>
              <Trans>From</Trans>
              <input
                type="date"
                name="from"
                required
                max={to}
                value={from}
                onChange={({ currentTarget }) => setFrom(currentTarget.value)}
              />
            </label>
            <label>
              <Trans>Through</Trans>
              <input
                type="date"
                name="to"
                required
                min={from}
                max={today}
                value={to}
                onChange={({ currentTarget }) => setTo(currentTarget.value)}
              />
            </label>
          </div>
        </ProofForm>
      </div>
    </Modal>
  );
}
