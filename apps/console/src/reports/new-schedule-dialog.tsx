import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { Modal } from "@mantine/core";
import { useState } from "react";
import { ProofForm } from "../account/proof-form";
import { timeZoneName } from "../formats/region";
import type { ComplianceReportKind } from "../gql/graphql";
import { weft } from "../weft";
import { firstChoice, inputOf, KindFields } from "./kind-fields";
import { createSchedule } from "./report-operations";

interface NewScheduleDialogProps {
  /** Kinds that the user can create: at least one. */
  readonly kinds: readonly [ComplianceReportKind, ...ComplianceReportKind[]];
  readonly onCreated: () => void;
  readonly onClose: () => void;
}

/** Usual times, each with a period that is as long as the time between two reports. */
const rhythms = {
  weekly: { title: msg`Each Monday at 6:00`, cron: "0 6 * * 1", periodDays: 7 },
  monthly: { title: msg`On the first of each month at 6:00`, cron: "0 6 1 * *", periodDays: 31 },
  quarterly: { title: msg`On the first of each quarter at 6:00`, cron: "0 6 1 1,4,7,10 *", periodDays: 92 },
  yearly: { title: msg`On the first of January at 6:00`, cron: "0 6 1 1 *", periodDays: 366 },
};
type Rhythm = keyof typeof rhythms | "other";

/** Creates a schedule, whose reports are created in the user's name. */
export function NewScheduleDialog({ kinds, onCreated, onClose }: NewScheduleDialogProps) {
  const { t, i18n } = useLingui();
  const [choice, setChoice] = useState(firstChoice(kinds[0]));
  const [name, setName] = useState("");
  const [rhythm, setRhythm] = useState<Rhythm>("monthly");
  const [cron, setCron] = useState(rhythms.monthly.cron);
  const [periodDays, setPeriodDays] = useState("31");
  async function create(): Promise<void> {
    const times = rhythm === "other" ? { cron, periodDays: Number(periodDays) } : rhythms[rhythm];
    const { cron: at, periodDays: days } = times;
    await weft.mutate(createSchedule, {
      input: { ...inputOf(choice), name: name.trim(), cron: at, periodDays: days, timeZone: timeZoneName() },
    });
    onCreated();
  }
  return (
    <Modal opened onClose={onClose} title={t`New schedule`} lockScroll={false} closeButtonProps={{ "aria-label": t`Close` }}>
      <div className="report-form">
        <ProofForm methods={[]} action={<Trans>Create</Trans>} onProved={create} onCancel={onClose}>
          <label>
            <Trans>Name</Trans>
            <input name="name" required maxLength={200} value={name} onChange={({ currentTarget }) => setName(currentTarget.value)} />
          </label>
          <KindFields kinds={kinds} value={choice} onChange={setChoice} />
          <label>
            <Trans>When</Trans>
            <select name="rhythm" value={rhythm} onChange={({ currentTarget }) => setRhythm(currentTarget.value as Rhythm)}>
              {Object.entries(rhythms).map(([key, { title }]) => (
                <option key={key} value={key}>
                  {i18n._(title)}
                </option>
              ))}
              <option value="other">{t`At other times`}</option>
            </select>
          </label>
          {rhythm === "other" && (
            <div className="period">
              <label>
                <Trans>Cron expression</Trans>
                <input name="cron" required value={cron} onChange={({ currentTarget }) => setCron(currentTarget.value)} />
              </label>
              <label>
                <Trans>Days of the period</Trans>
                <input
                  type="number"
                  name="periodDays"
                  required
                  min={1}
                  max={400}
                  value={periodDays}
                  onChange={({ currentTarget }) => setPeriodDays(currentTarget.value)}
                />
              </label>
            </div>
          )}
        </ProofForm>
      </div>
    </Modal>
  );
}
