import { Trans } from "@lingui/react/macro";
import { useNavigate } from "@tanstack/react-router";
import { useAction } from "@weft/react";
import { useState } from "react";
import { mergeRequests } from "./link-operations";
import { OtherRequest } from "./other-request";
import type { RequestOfPage } from "./request-operations";
import { SideForm } from "./side-form";

export interface PanelProps {
  readonly request: RequestOfPage;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** Ends a duplicate, and takes its comments, files and watchers to the original, which opens. */
export function Merge({ request, onClose, onDone }: PanelProps) {
  const navigate = useNavigate();
  const { run, isPending, error } = useAction(mergeRequests);
  const [into, setInto] = useState<string | null>(null);
  async function send() {
    if (into === null) return;
    const done = await run({ input: { id: request.id, intoId: into, expectedVersion: request.version } });
    if (done?.mergeRequests) {
      onDone();
      void navigate({ to: "/requests/$id", params: { id: done.mergeRequests.into.id } });
    }
  }
  return (
    <SideForm
      action={<Trans>Merge and end</Trans>}
      isReady={into !== null}
      isPending={isPending}
      error={error}
      onSubmit={send}
      onClose={onClose}
    >
      <p>
        <Trans>Ends this request as a duplicate. The other one receives its comments, files, watchers and links.</Trans>
      </p>
      <OtherRequest exceptId={request.id} value={into} onChange={setInto} />
    </SideForm>
  );
}
