import { Trans } from "@lingui/react/macro";
import { TransitionButtons, useTransitions } from "@weft/react";
import { useId, useState } from "react";
import { useChangingBy } from "./editing/use-editing";
import { TransitionButton } from "./transition-button";
import { useTransitionDrafts } from "./transition-drafts";

interface AllowedTransitionsProps {
  readonly instanceId: string;
  readonly title: string;
  /** A transition that has a button elsewhere. */
  readonly without?: string | null;
  readonly onDone?: () => void;
}

/** The transitions of a workflow that the user can fire. Absent if there are none. */
export function AllowedTransitions({ instanceId, title, without = null, onDone }: AllowedTransitionsProps) {
  const { instance, transitions, fire, conflict, dismissConflict } = useTransitions(instanceId);
  const drafts = useChangingBy(useTransitionDrafts(instanceId));
  const [done, setDone] = useState<string | null>(null);
  const id = useId();
  const allowed = transitions.filter((transition) => transition.allowed && transition.name !== without);
  return (
    <>
      {done !== null && (
        <p role="status" className="notice good">
          <Trans>{done}: done.</Trans>
        </p>
      )}
      {conflict && (
        <p role="alert" className="notice warn">
          <Trans>Somebody else has changed it in the meantime. This is how it is now.</Trans>{" "}
          <button type="button" className="link" onClick={dismissConflict}>
            <Trans>I have seen it</Trans>
          </button>
        </p>
      )}
      {allowed.length > 0 && (
        <section className="card" aria-labelledby={id}>
          <h2 id={id}>{title}</h2>
          <TransitionButtons
            transitions={allowed}
            action={fire}
            version={instance?.version ?? null}
            button={TransitionButton}
            drafts={drafts}
            onFired={(transition) => {
              setDone(transition.title);
              onDone?.();
            }}
          />
        </section>
      )}
    </>
  );
}
