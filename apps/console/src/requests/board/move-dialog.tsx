import { Trans, useLingui } from "@lingui/react/macro";
import { Modal } from "@mantine/core";
import { ErrorMessage, TransitionButtons, useTransitions } from "@weft/react";
import { useEffect, useRef } from "react";
import { requestTitle } from "../../parts/request-title";
import { useTransitionDrafts } from "../../parts/transition-drafts";
import type { RequestRow } from "../requests-operations";

export interface Move {
  readonly row: RequestRow;
  readonly instanceId: string;
  /** Names of the transitions that lead to where the user wants the card. */
  readonly transitions: readonly string[];
}

interface MoveDialogProps {
  readonly move: Move;
  readonly onClose: () => void;
  /** Called with the title of the new state. */
  readonly onMoved: (stateTitle: string) => void;
}

/** Asks for what a transition needs: its form, a comment, or which of several it is. */
export function MoveDialog({ move: { row, instanceId, transitions: names }, onClose, onMoved }: MoveDialogProps) {
  const { t } = useLingui();
  const { transitions, instance, fire, conflict, error } = useTransitions(instanceId);
  const drafts = useTransitionDrafts(instanceId);
  const offered = transitions.filter(({ name }) => names.includes(name));
  const body = useRef<HTMLDivElement>(null);
  const [only] = offered;
  const opens = offered.length === 1 && only?.allowed === true ? only.name : null;
  useEffect(() => {
    // The user has chosen already: there is nothing to choose again.
    if (opens !== null) body.current?.querySelector<HTMLElement>(`[data-weft="transition"] button[aria-expanded="false"]`)?.click();
  }, [opens]);
  return (
    <Modal
      opened
      onClose={onClose}
      title={`${row.number} ${requestTitle(row.data, row.type?.name ?? null)}`}
      lockScroll={false}
      closeButtonProps={{ "aria-label": t`Close` }}
    >
      <div ref={body} className="dialog-form">
        {conflict && (
          <p role="alert" className="notice warn">
            <Trans>Somebody else has changed this request in the meantime. Look at it again.</Trans>
          </p>
        )}
        {instance === null ? (
          <div className="placeholder" />
        ) : offered.length === 0 ? (
          <p className="soft">
            <Trans>Its state is now {instance.stateTitle}: this is no longer possible.</Trans>
          </p>
        ) : (
          <TransitionButtons
            transitions={offered}
            action={fire}
            version={instance.version}
            drafts={drafts}
            onFired={({ toTitle }) => onMoved(toTitle)}
          />
        )}
        <ErrorMessage error={error} />
      </div>
    </Modal>
  );
}
