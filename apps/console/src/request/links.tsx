import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { ErrorMessage, useAction } from "@weft/react";
import { useState } from "react";
import { can, useViewer } from "../frame/viewer";
import type { RequestLinkKind } from "../gql/graphql";
import { answersDraft } from "../parts/answers-draft";
import { useDraft } from "../parts/drafts";
import { requestTitle } from "../parts/request-title";
import { AddLink } from "./add-link";
import { unlinkRequests } from "./link-operations";
import { Merge } from "./merge";
import type { PropertiesProps } from "./properties";
import type { RequestOfPage } from "./request-operations";
import { TitledSection } from "../parts/titled-section";
import { Split } from "./split";

const directions = {
  BLOCKS: [msg`Blocks`, msg`Blocked by`],
  DUPLICATES: [msg`Duplicates`, msg`Duplicated by`],
  PARENT_OF: [msg`Parent of`, msg`Part of`],
  RELATES_TO: [msg`Relates to`, msg`Relates to`],
} as const satisfies Record<RequestLinkKind, unknown>;

type LinkOfRequest = RequestOfPage["links"][number];
type Panel = "link" | "merge" | "split";

/** Links to other requests, and what makes one request of two, or two of one. */
export function Links({ request, onChanged }: PropertiesProps) {
  const viewer = useViewer();
  const [split, keepSplit] = useDraft(`split:${request.id}`, answersDraft);
  const [chosen, setPanel] = useState<Panel | null>(null);
  const panel = chosen ?? (split === null ? null : "split");
  const canSort = can(viewer, "request.triage") && viewer?.type !== "VENDOR";
  if (request.links.length === 0 && !canSort) return null;
  const close = (): void => {
    setPanel(null);
    if (panel === "split") keepSplit(null);
  };
  const done = (): void => {
    close();
    onChanged();
  };
  return (
    <TitledSection title={<Trans>Links</Trans>}>
      <ul className="links">
        {request.links.map((link) => (
          <LinkRow key={`${link.kind} ${link.request.id}`} requestId={request.id} link={link} canUnlink={canSort} onChanged={onChanged} />
        ))}
      </ul>
      {panel === "link" && <AddLink requestId={request.id} onClose={close} onDone={done} />}
      {panel === "merge" && <Merge request={request} onClose={close} onDone={done} />}
      {panel === "split" && <Split request={request} draft={split} onChange={keepSplit} onClose={close} onDone={done} />}
      {canSort && panel === null && (
        <p className="actions">
          <button type="button" className="link" onClick={() => setPanel("link")}>
            <Trans>Add a link</Trans>
          </button>
          {request.closedAt === null && (
            <button type="button" className="link" onClick={() => setPanel("merge")}>
              <Trans>Merge</Trans>
            </button>
          )}
          {can(viewer, "request.create") && request.type?.form && (
            <button type="button" className="link" onClick={() => setPanel("split")}>
              <Trans>Split</Trans>
            </button>
          )}
        </p>
      )}
    </TitledSection>
  );
}

interface LinkRowProps {
  readonly requestId: string;
  readonly link: LinkOfRequest;
  readonly canUnlink: boolean;
  readonly onChanged: () => void;
}

function LinkRow({ requestId, link: { kind, isInverse, request }, canUnlink, onChanged }: LinkRowProps) {
  const { i18n, t } = useLingui();
  const { run, isPending, error } = useAction(unlinkRequests);
  const [from, to] = isInverse ? [request.id, requestId] : [requestId, request.id];
  const [forward, backward] = directions[kind];
  return (
    <li>
      <span className="soft">{i18n._(isInverse ? backward : forward)}</span>{" "}
      <Link to="/requests/$id" params={{ id: request.id }}>
        {request.number}
      </Link>{" "}
      {requestTitle(request.data, null)}
      {canUnlink && (
        <button
          type="button"
          className="link remove"
          aria-label={t`Remove the link to ${request.number}`}
          aria-disabled={isPending}
          onClick={() => void run({ input: { id: from, toId: to, kind } }).then((done) => done && onChanged())}
        >
          <Trans>Remove</Trans>
        </button>
      )}
      <ErrorMessage error={error} />
    </li>
  );
}
