import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { ErrorMessage, SlaClock, useLiveQuery } from "@weft/react";
import { useState } from "react";
import { durationText } from "../formats/durations";
import { dateText } from "../formats/times";
import { graphql } from "../gql";
import type { SlaIntervalCause } from "../gql/graphql";
import type { ClockOfRequest } from "./request-operations";
import { TitledSection } from "../parts/titled-section";

const explanationQuery = graphql(`
  query ConsoleClock($id: ID!) {
    liveCursor
    slaExplain(id: $id) {
      isRecounted
      clock {
        id
        dueAt
        targetSeconds
        consumedSeconds
      }
      intervals {
        from
        to
        isRunning
        cause
        seconds
        targetSeconds
        reason
        actor {
          id
          name
        }
      }
    }
  }
`);

const clockChanged = graphql(`
  subscription ConsoleClockChanged($after: String) {
    slaChanged(after: $after) {
      cursor
      occurredAt
      clock {
        id
      }
    }
  }
`);

const causes = {
  START: msg`started`,
  RESET: msg`started over`,
  PAUSE: msg`paused by the workflow`,
  RESUME: msg`resumed by the workflow`,
  PAUSE_BY_HAND: msg`paused by a user`,
  RESUME_BY_HAND: msg`resumed by a user`,
  WAITING_FOR_INFORMATION: msg`waited for an answer`,
  SUSPENSION: msg`the workflow was suspended`,
  PRIORITY_CHANGE: msg`the priority changed`,
  POLICY_CHANGE: msg`another policy applies`,
  CALENDAR_CHANGE: msg`another calendar applies`,
  MIGRATION: msg`the workflow was migrated`,
  ROLLBACK: msg`the workflow was rolled back`,
  STOP: msg`ended`,
  CANCELLATION: msg`canceled`,
} as const satisfies Record<SlaIntervalCause, unknown>;

/** The clocks of the service levels, the ones that still count first. */
export function Clocks({ clocks }: { readonly clocks: readonly ClockOfRequest[] }) {
  if (clocks.length === 0) return null;
  const ordered = [...clocks.filter(({ endedAt }) => endedAt === null), ...clocks.filter(({ endedAt }) => endedAt !== null)];
  return (
    <TitledSection title={<Trans>Service levels</Trans>}>
      <ul className="clocks">
        {ordered.map((clock) => (
          <Clock key={clock.id} clock={clock} />
        ))}
      </ul>
    </TitledSection>
  );
}

function Clock({ clock }: { readonly clock: ClockOfRequest }) {
  const { i18n } = useLingui();
  const [isOpen, setOpen] = useState(false);
  const target = durationText(clock.targetSeconds, i18n.locale);
  return (
    <li>
      <p>
        {clock.title} <SlaClock clock={clock} />
      </p>
      <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary>
          <Trans>Target {target} of working time. How it counts</Trans>
        </summary>
        {isOpen && <Explanation id={clock.id} />}
      </details>
    </li>
  );
}

interface ClockEvent {
  readonly slaChanged: { readonly clock: { readonly id: string } };
}

/** The intervals in which a clock counted and did not. */
function Explanation({ id }: { readonly id: string }) {
  const { i18n } = useLingui();
  const { data, error } = useLiveQuery(
    explanationQuery,
    [{ subscription: clockChanged, variables: {}, concerns: ({ slaChanged }: ClockEvent) => slaChanged.clock.id === id }],
    { id },
  );
  const explained = data?.slaExplain;
  if (!explained) return error === null ? <div className="placeholder" role="status" aria-busy="true" /> : <ErrorMessage error={error} />;
  const used = durationText(explained.clock.consumedSeconds, i18n.locale);
  const due = explained.clock.dueAt === null ? null : dateText(explained.clock.dueAt, i18n.locale);
  return (
    <>
      {due !== null && (
        <p>
          <Trans>
            Due {due}. Used so far: {used}.
          </Trans>
        </p>
      )}
      <ol className="intervals">
        {explained.intervals.map(({ from, to, isRunning, cause, seconds, reason, actor }) => {
          const counted = durationText(seconds, i18n.locale);
          return (
            <li key={from + cause}>
              <strong>{isRunning ? <Trans>Counts: {counted}</Trans> : <Trans>Does not count</Trans>}</strong>{" "}
              <span>({[i18n._(causes[cause]), actor?.name ?? null, reason].filter(Boolean).join(", ")})</span>
              <br />
              <span className="soft">
                {dateText(from, i18n.locale)} – {to === null ? <Trans>now</Trans> : dateText(to, i18n.locale)}
              </span>
            </li>
          );
        })}
      </ol>
      {explained.isRecounted && (
        <p className="soft">
          <Trans>Counted again with the present calendar.</Trans>
        </p>
      )}
    </>
  );
}
