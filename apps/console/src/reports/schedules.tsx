import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { ErrorMessage, useAction } from "@weft/react";
import { useState } from "react";
import { dateText } from "../formats/times";
import { useViewerId } from "../frame/viewer";
import type { ComplianceReportKind } from "../gql/graphql";
import { ConfirmedButton } from "../parts/confirmed-button";
import { Placeholders } from "../parts/placeholders";
import { TitledSection } from "../parts/titled-section";
import { useLoaded } from "../parts/use-loaded";
import { NewScheduleDialog } from "./new-schedule-dialog";
import { reportKinds } from "./report-kinds";
import { deleteSchedule, schedulesQuery, type ReportSchedule } from "./report-operations";

interface SchedulesProps {
  /** Kinds that the user can create. */
  readonly kinds: readonly ComplianceReportKind[];
}

/** Reports that Weft makes by itself: what, when, and in whose name. */
export function Schedules({ kinds: [first, ...others] }: SchedulesProps) {
  const { data, error, reload } = useLoaded(schedulesQuery, {});
  const [isOpen, setOpen] = useState(false);
  const schedules = data?.complianceReportSchedules?.edges.map(({ node }) => node) ?? null;
  return (
    <TitledSection title={<Trans>Schedules</Trans>}>
      {first !== undefined && (
        <button type="button" className="quiet" aria-haspopup="dialog" data-action="new-schedule" onClick={() => setOpen(true)}>
          <Trans>New schedule</Trans>
        </button>
      )}
      <ErrorMessage error={error} />
      {schedules === null ? (
        error === null && <Placeholders count={2} />
      ) : schedules.length === 0 ? (
        <p className="soft">
          <Trans>No report is scheduled.</Trans>
        </p>
      ) : (
        <ul className="line-list report-schedules">
          {schedules.map((schedule) => (
            <Schedule key={schedule.id} schedule={schedule} canDelete={first !== undefined} onDeleted={() => void reload()} />
          ))}
        </ul>
      )}
      {isOpen && first !== undefined && (
        <NewScheduleDialog
          kinds={[first, ...others]}
          onClose={() => setOpen(false)}
          onCreated={() => {
            setOpen(false);
            void reload();
          }}
        />
      )}
    </TitledSection>
  );
}

interface ScheduleProps {
  readonly schedule: ReportSchedule;
  readonly canDelete: boolean;
  readonly onDeleted: () => void;
}

function Schedule({ schedule: { id, name, kind, periodDays, nextAt, message, createdBy }, canDelete, onDeleted }: ScheduleProps) {
  const { t, i18n } = useLingui();
  const viewerId = useViewerId();
  const remove = useAction(deleteSchedule);
  return (
    <li>
      <strong>{name}</strong>
      <span className="soft">
        {i18n._(reportKinds[kind].title)}
        {" · "}
        <Plural value={periodDays} one="# day" other="# days" />
        {" · "}
        {nextAt === null ? <Trans>stopped</Trans> : <Trans>next on {dateText(nextAt, i18n.locale)}</Trans>}
        {createdBy !== null && createdBy.id !== viewerId && (
          <>
            {" · "}
            <Trans>in the name of {createdBy.name}</Trans>
          </>
        )}
      </span>
      {canDelete && (
        <span className="actions">
          <ConfirmedButton
            name={t`Delete the schedule ${name}`}
            confirm={<Trans>Delete it</Trans>}
            isPending={remove.isPending}
            onConfirmed={() => void remove.run({ input: { id } }).then((deleted) => deleted && onDeleted())}
          >
            <Trans>Delete</Trans>
          </ConfirmedButton>
        </span>
      )}
      {message !== null && <p className="notice warn">{message}</p>}
      <ErrorMessage error={remove.error} />
    </li>
  );
}
