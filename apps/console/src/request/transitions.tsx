import { Trans } from "@lingui/react/macro";
import { ErrorMessage, TransitionButtons, useTransitions } from "@weft/react";
import { useState } from "react";
import { useChangingBy } from "../parts/editing/use-editing";
import { TransitionButton } from "../parts/transition-button";
import { useTransitionDrafts } from "../parts/transition-drafts";
import type { RequestOfPage } from "./request-operations";

interface TransitionsProps {
  readonly instanceId: string;
  readonly request: RequestOfPage;
  readonly onFired: () => void;
}

/** What can be done with a request now, with the reasons where it cannot. */
export function Transitions({ instanceId, request, onFired }: TransitionsProps) {
  const { instance, transitions, fire, conflict, dismissConflict, error, isLoading } = useTransitions(instanceId);
  const drafts = useChangingBy(useTransitionDrafts(instanceId));
  const [done, setDone] = useState<{ readonly title: string; readonly version: number } | null>(null);
  if (instance === null && isLoading) return <div className="placeholder high" />;
  const before = conflict?.before ?? null;
  const now = conflict?.now ?? null;
  return (
    <section className="card" aria-labelledby="transitions-title">
      <h2 id="transitions-title">
        <Trans>What can be done</Trans>
      </h2>
      <ErrorMessage error={error} />
      {request.status === "SUSPENDED" && (
        <p className="notice warn">
          <Trans>The workflow is suspended. Until it is resumed, nobody can change the request.</Trans>
        </p>
      )}
      {conflict && (
        <p role="alert" className="notice warn">
          {now !== null && before !== null && now.stateTitle !== before.stateTitle ? (
            <Trans>
              Somebody else was faster: the request was in “{before.stateTitle}”, and is now in “{now.stateTitle}”. Nothing of yours was
              done.
            </Trans>
          ) : (
            <Trans>Somebody else has changed this request in the meantime. Look at it again. What you have filled in is still there.</Trans>
          )}{" "}
          <button type="button" className="link" onClick={dismissConflict}>
            <Trans>I have seen it</Trans>
          </button>
        </p>
      )}
      {done !== null && done.version === instance?.version && (
        <p role="status" className="notice good">
          <Trans>{done.title}: done.</Trans>
        </p>
      )}
      {transitions.length > 0 && (
        <TransitionButtons
          transitions={transitions}
          action={fire}
          version={instance?.version ?? null}
          button={TransitionButton}
          drafts={drafts}
          onFired={({ title }) => {
            setDone({ title, version: (instance?.version ?? 0) + 1 });
            onFired();
          }}
        />
      )}
      {transitions.length === 0 && (
        <p className="soft">
          {request.closedAt === null ? <Trans>You cannot move this request on.</Trans> : <Trans>This request has ended.</Trans>}
        </p>
      )}
    </section>
  );
}
