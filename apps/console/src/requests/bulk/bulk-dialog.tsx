import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Modal } from "@mantine/core";
import { ErrorMessage, useAction } from "@weft/react";
import { useState } from "react";
import { Message } from "../../frame/messages";
import { useLoaded } from "../../parts/use-loaded";
import { bulkFireTransition, bulkPreviewQuery, bulkTransitionsQuery, type BulkTransition } from "./bulk-operations";
import { BulkProgress } from "./bulk-progress";
import { BulkStart } from "./bulk-start";

interface BulkDialogProps {
  readonly instanceIds: readonly string[];
  readonly onClose: (result: { readonly isDone: boolean }) => void;
}

/** As many as one operation takes. */
const most = 1000;
/** As many requests are asked for their transitions. Others of the same kind have the same ones. */
const asked = 20;

/** Fires a transition on many requests: chooses it, shows what would happen, and then what happens. */
export function BulkDialog({ instanceIds, onClose }: BulkDialogProps) {
  const { t } = useLingui();
  const ids = instanceIds.slice(0, most);
  const offered = useLoaded(bulkTransitionsQuery, { ids: ids.slice(0, asked), first: asked });
  const [name, setName] = useState<string | null>(null);
  const preview = useLoaded(bulkPreviewQuery, name === null ? null : { transition: name, ids });
  const { run, error, isPending, data } = useAction(bulkFireTransition);
  const operationId = data?.bulkFireTransition?.operation.id ?? null;
  const transitions = distinct(offered.data?.requests?.edges.flatMap(({ node }) => node.workflow?.availableTransitions ?? []) ?? []);
  const chosen = transitions.find((transition) => transition.name === name) ?? null;
  const found = name === null ? null : (preview.data?.previewBulkTransition ?? null);
  return (
    <Modal
      opened
      size="lg"
      onClose={() => onClose({ isDone: operationId !== null })}
      title={t`Change the selected requests`}
      lockScroll={false}
      closeButtonProps={{ "aria-label": t`Close` }}
    >
      {operationId !== null ? (
        <BulkProgress id={operationId} />
      ) : (
        <div className="dialog-form">
          <p className="soft">
            <Plural value={ids.length} one="# request is selected." other="# requests are selected." />{" "}
            {instanceIds.length > most && <Trans>One operation takes the first 1,000.</Trans>}
          </p>
          <ErrorMessage error={offered.error} />
          {offered.data !== null && transitions.length === 0 && (
            <Message title={<Trans>These requests have ended, or you cannot change them.</Trans>} />
          )}
          <fieldset className="choices" disabled={isPending}>
            <legend>
              <Trans>What should happen?</Trans>
            </legend>
            {transitions.map((transition) => (
              <label key={transition.name}>
                <input
                  type="radio"
                  name="transition"
                  value={transition.name}
                  checked={transition.name === name}
                  onChange={() => setName(transition.name)}
                />
                {transition.title} <span className="soft">→ {transition.toTitle}</span>
              </label>
            ))}
          </fieldset>
          <ErrorMessage error={preview.error} />
          {chosen !== null && found !== null && (
            <BulkStart
              key={chosen.name}
              transition={chosen}
              preview={found}
              error={error}
              isPending={isPending}
              onStart={async ({ comment, input }) => {
                const given = { ...(comment !== "" && { comment }), ...(input && { input }) };
                return (await run({ input: { transition: chosen.name, instanceIds: ids, expectedTotal: found.total, ...given } })) !== null;
              }}
            />
          )}
        </div>
      )}
    </Modal>
  );
}

/** Each transition once. One that is allowed somewhere comes before one that is allowed nowhere. */
function distinct(transitions: readonly BulkTransition[]): readonly BulkTransition[] {
  const byName = new Map<string, BulkTransition>();
  for (const transition of transitions) {
    const known = byName.get(transition.name);
    if (known === undefined || (!known.allowed && transition.allowed)) byName.set(transition.name, transition);
  }
  return [...byName.values()].toSorted((one, other) => Number(other.allowed) - Number(one.allowed));
}
