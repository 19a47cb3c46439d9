import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { Link, useLocation } from "@tanstack/react-router";
import { ErrorMessage, useAction } from "@weft/react";
import { useState } from "react";
import { AllowedTransitions } from "../parts/transitions";
import { submitRequest, type PortalRequest } from "./portal-operations";
import { stageOf } from "./stage";

interface RequestTransitionsProps {
  readonly request: PortalRequest;
  readonly isOwn: boolean;
  readonly onDone: () => void;
}

/** What the requester can do with the request: send and change a draft, and whatever its workflow allows them. */
export function RequestTransitions({ request: { id, version, workflow, type, ...rest }, isOwn, onDone }: RequestTransitionsProps) {
  const { t } = useLingui();
  const { run, isPending, error } = useAction(submitRequest);
  const [isTried, setTried] = useState(false);
  // The form could not send it.
  const refusal = useLocation({ select: ({ state }) => state.refusal });
  const isDraft = isOwn && stageOf({ ...rest, workflow, type }) === "draft";
  const submit = async (): Promise<void> => {
    setTried(true);
    if (await run({ input: { id, expectedVersion: version } })) onDone();
  };
  return (
    <>
      {isDraft && type && (
        <div className="buttons">
          <Button onClick={() => void submit()} loading={isPending}>
            <Trans>Send</Trans>
          </Button>
          <Link to="/portal/new/$typeKey" params={{ typeKey: type.key }} search={{ draft: id }} className="button">
            <Trans>Change it</Trans>
          </Link>
        </div>
      )}
      {isDraft && !isTried && refusal && <Refusal sentences={refusal} />}
      <ErrorMessage error={error} />
      {workflow && (
        <AllowedTransitions
          instanceId={workflow.id}
          without={isDraft ? (type?.submitTransition ?? null) : null}
          title={t`What you can do`}
          onDone={onDone}
        />
      )}
    </>
  );
}

function Refusal({ sentences: [sentence, ...reasons] }: { readonly sentences: readonly string[] }) {
  return (
    <div role="alert" data-weft="error">
      <p>{sentence}</p>
      {reasons.length > 0 && (
        <ul>
          {reasons.map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      )}
    </div>
  );
}
