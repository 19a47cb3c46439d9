import "../../parts/badge.css";
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { ErrorMessage, useAction } from "@weft/react";
import { useState } from "react";
import { numberText } from "../../formats/numbers";
import { dateText, relativeText } from "../../formats/times";
import { readFragment } from "../../gql";
import type { ConsoleVerificationFragment } from "../../gql/graphql";
import { useLoaded } from "../../parts/use-loaded";
import { usePolled } from "../../parts/use-polled";
import { lastVerificationQuery, startVerification, verification, verificationQuery } from "./chain-operations";
import { CheckpointDialog } from "./checkpoint-dialog";

/** Whether the trail is as it was written, as of the last verification of its chain, and a button that verifies it now. */
export function ChainState() {
  const last = useLoaded(lastVerificationQuery, {});
  const start = useAction(startVerification);
  const [started, setStarted] = useState<string | null>(null);
  const [isDialogOpen, setDialogOpen] = useState(false);
  const id = started ?? last.data?.auditVerifications?.edges[0]?.node.id ?? null;
  const polled = usePolled({
    query: verificationQuery,
    id,
    pick: ({ auditVerification }) => readFragment(verification, auditVerification),
    isRunning: ({ status }) => status === "RUNNING",
  });
  const found = polled.found ?? null;
  const isRunning = found?.status === "RUNNING";
  const verify = async (checkpoint: string | null): Promise<boolean> => {
    const result = await start.run({ input: { checkpoint } });
    const next = result?.startAuditVerification?.verification.id ?? null;
    if (next !== null) setStarted(next);
    return next !== null;
  };
  return (
    <div className="chain" role="group" aria-labelledby="chain-state">
      <p role="status" id="chain-state">
        {found !== null ? <State of={found} /> : last.data !== null && id === null && <Trans>The trail has never been verified.</Trans>}
      </p>
      <button
        type="button"
        className="quiet"
        data-action="verify"
        aria-disabled={isRunning || start.isPending}
        onClick={() => !isRunning && !start.isPending && void verify(null)}
      >
        <Trans>Verify now</Trans>
      </button>
      <button type="button" className="quiet" aria-haspopup="dialog" data-action="checkpoint" onClick={() => setDialogOpen(true)}>
        <Trans>Checkpoint</Trans>
      </button>
      <ErrorMessage error={last.error ?? polled.error ?? start.error} />
      {isDialogOpen && (
        <CheckpointDialog
          checkpoint={found?.report?.checkpoint ?? null}
          error={start.error}
          isPending={start.isPending}
          onVerify={(checkpoint) => void verify(checkpoint).then((isStarted) => isStarted && setDialogOpen(false))}
          onClose={() => setDialogOpen(false)}
        />
      )}
    </div>
  );
}

function State({ of: { status, total, verifiedEntries, report, message, finishedAt } }: { readonly of: ConsoleVerificationFragment }) {
  const { t, i18n } = useLingui();
  if (status === "RUNNING") {
    const done = numberText(verifiedEntries, i18n.locale);
    const all = numberText(total, i18n.locale);
    return (
      <>
        <progress max={Math.max(total, 1)} value={verifiedEntries} aria-label={t`Verification`} />{" "}
        <Trans>
          {done} of {all} entries are verified…
        </Trans>
      </>
    );
  }
  const when = finishedAt !== null && (
    <time className="soft" dateTime={finishedAt} title={dateText(finishedAt, i18n.locale)}>
      {relativeText(finishedAt, i18n.locale)}
    </time>
  );
  if (report === null)
    return (
      <>
        <span className="badge warn">
          <Trans>Not verified</Trans>
        </span>{" "}
        {message} {when}
      </>
    );
  const problem = report.firstProblem;
  return problem === null ? (
    <>
      <span className="badge good">
        <Trans>Intact</Trans>
      </span>{" "}
      <Plural value={report.verifiedEntries} one="# entry verified" other="# entries verified" /> {when}
    </>
  ) : (
    <>
      <span className="badge bad">
        <Trans>Not intact</Trans>
      </span>{" "}
      <Trans>At place {numberText(problem.sequence, i18n.locale)}:</Trans> <span lang="en">{problem.message}</span> {when}
    </>
  );
}
