import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { getRouteApi, Link } from "@tanstack/react-router";
import { ErrorMessage, useAction } from "@weft/react";
import { useEffect, useEffectEvent } from "react";
import { Moves } from "../parts/moves";
import { submitRequest, type PortalRequest } from "./portal-operations";
import { stageOf } from "./stage";

const route = getRouteApi("/portal/requests/$id");

interface RequestMovesProps {
  readonly request: PortalRequest;
  readonly isOwn: boolean;
  readonly onDone: () => void;
}

/** What the requester can do with the request: send and change a draft, and whatever its workflow allows them. */
export function RequestMoves({ request: { id, workflow, type, ...rest }, isOwn, onDone }: RequestMovesProps) {
  const { t } = useLingui();
  const { send } = route.useSearch();
  const { run, isPending, error } = useAction(submitRequest);
  const isDraft = isOwn && stageOf({ ...rest, workflow, type }) === "draft";
  const submit = async (): Promise<void> => {
    if (await run({ input: { id } })) onDone();
  };
  // The form could not send it. The answer says why.
  const retry = useEffectEvent(() => void (isDraft && submit()));
  useEffect(() => {
    if (send) retry();
  }, [send]);
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
      <ErrorMessage error={error} />
      {workflow && (
        <Moves
          instanceId={workflow.id}
          without={isDraft ? (type?.submitTransition ?? null) : null}
          title={t`What you can do`}
          onDone={onDone}
        />
      )}
    </>
  );
}
