import "../parts/badge.css";
import { Trans, useLingui } from "@lingui/react/macro";
import { ErrorMessage, useAction } from "@weft/react";
import { useState } from "react";
import { dateText } from "../formats/times";
import { can, useViewer } from "../frame/viewer";
import { readFragment } from "../gql";
import type { PrivacyRequestStatus } from "../gql/graphql";
import { ConfirmedButton } from "../parts/confirmed-button";
import { FileLink } from "../parts/files/file-link";
import { usePolled } from "../parts/use-polled";
import { DecisionDialog } from "./decision-dialog";
import { kinds, statuses } from "./privacy-filters";
import { privacyRequest, privacyRequestQuery, withdrawRequest, type PrivacyRequest } from "./privacy-operations";
import { Receipt } from "./receipt";

interface RequestCardProps {
  readonly request: PrivacyRequest;
  readonly onChanged: () => void;
}

const badges: Partial<Record<PrivacyRequestStatus, string>> = { COMPLETED: "good", REQUESTED: "warn", FAILED: "bad" };
/** One that something stops, such as a legal hold, can wait for months. */
const isRunning = ({ status, message }: PrivacyRequest): boolean => status === "APPROVED" && message === null;

/** A request about a person: what, why, who decided, and what was done. It follows itself while it is carried out. */
export function RequestCard({ request: listed, onChanged }: RequestCardProps) {
  const { t, i18n } = useLingui();
  const { found } = usePolled({
    query: privacyRequestQuery,
    id: isRunning(listed) ? listed.id : null,
    pick: (result) => readFragment(privacyRequest, result.privacyRequest),
    isRunning,
  });
  const request = found ?? listed;
  const { id, kind, status, user, personId, reason, requestedBy, createdAt, decidedBy, decidedAt, decisionNote, message, receipt, fileId } =
    request;
  const title = i18n._(kinds[kind]);
  return (
    <li className="privacy-card" data-status={status} aria-labelledby={`title-${id}`}>
      <div className="top">
        <h3 id={`title-${id}`}>
          {title}: {user === null ? personId : user.name}
        </h3>
        <span className={`badge ${badges[status] ?? ""}`} role="status">
          {i18n._(statuses[status])}
        </span>
      </div>
      <p className="words">{reason}</p>
      <p className="soft meta">
        {user !== null && `${user.email} · `}
        <Trans>
          requested by {requestedBy?.name ?? t`somebody`}, {dateText(createdAt, i18n.locale)}
        </Trans>
        {decidedAt !== null && (
          <>
            {" · "}
            <Trans>
              decided by {decidedBy?.name ?? t`somebody`}, {dateText(decidedAt, i18n.locale)}
            </Trans>
          </>
        )}
      </p>
      {decisionNote !== null && <blockquote className="words">{decisionNote}</blockquote>}
      {message !== null && <p className="notice warn">{message}</p>}
      {status === "COMPLETED" && fileId !== null && (
        <FileLink file={{ id: fileId, name: `${personId}.zip`, status: "STORED", reason: null }} />
      )}
      {receipt && <Receipt receipt={receipt} />}
      <Decisions request={request} onChanged={onChanged} />
    </li>
  );
}

/** What the user can do with a request. Nobody decides on their own request, or on one about themselves. */
function Decisions({ request, onChanged }: RequestCardProps) {
  const { t } = useLingui();
  const viewer = useViewer();
  const withdraw = useAction(withdrawRequest);
  const [decision, setDecision] = useState<"approve" | "decline" | null>(null);
  const { id, kind, status, hasBegun, version, requestedBy, personId } = request;
  const isOpen = status === "REQUESTED" || (status === "APPROVED" && !hasBegun);
  if (viewer === null || !can(viewer, "privacy.manage") || kind === "EXPORT" || !isOpen) return null;
  if (requestedBy?.id === viewer.id)
    return (
      <p className="actions">
        <ConfirmedButton
          name={t`Withdraw the request`}
          confirm={<Trans>Withdraw it</Trans>}
          isPending={withdraw.isPending}
          onConfirmed={() => void withdraw.run({ input: { id, expectedVersion: version } }).then((done) => done && onChanged())}
        >
          <Trans>Withdraw</Trans>
        </ConfirmedButton>
        <ErrorMessage error={withdraw.error} />
      </p>
    );
  if (personId === viewer.id) return null;
  return (
    <p className="actions">
      {status === "REQUESTED" && (
        <button type="button" className="link" aria-haspopup="dialog" data-action="approve" onClick={() => setDecision("approve")}>
          <Trans>Approve</Trans>
        </button>
      )}
      <button type="button" className="link" aria-haspopup="dialog" data-action="decline" onClick={() => setDecision("decline")}>
        <Trans>Decline</Trans>
      </button>
      {decision !== null && (
        <DecisionDialog
          request={request}
          decision={decision}
          onClose={() => setDecision(null)}
          onDecided={() => {
            setDecision(null);
            onChanged();
          }}
        />
      )}
    </p>
  );
}
