import { Trans, useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { dateText } from "../formats/times";
import type { PortalRequest } from "./portal-operations";
import { stageOf, type Stage } from "./stage";

const positions: Readonly<Record<Stage, number>> = { draft: 0, sent: 1, working: 2, confirm: 3, paused: 2, done: 4, ended: 4 };

/** How far a request is: three steps, and a sentence. */
export function Steps({ request }: { readonly request: PortalRequest }) {
  const { t, i18n } = useLingui();
  const stage = stageOf(request);
  const position = positions[stage];
  const end = stage === "ended" ? (request.workflow?.stateTitle ?? t`Ended`) : t`Done`;
  const steps = [t`Sent`, t`In progress`, end];
  const closed = request.closedAt === null ? null : dateText(request.closedAt, i18n.locale);
  return (
    <section className="steps" aria-label={t`Status`} data-stage={stage}>
      <ol>
        {steps.map((step, index) => (
          <li key={step} data-reached={position > index} aria-current={position === index + 1 ? "step" : undefined}>
            {step}
          </li>
        ))}
      </ol>
      <p role="status">
        <Sentence stage={stage} request={request} /> {closed !== null && <span className="soft">{closed}</span>}
      </p>
    </section>
  );
}

function Sentence({ stage, request }: { readonly stage: Stage; readonly request: PortalRequest }): ReactNode {
  const { assignee, workflow } = request;
  const who = assignee && "name" in assignee ? assignee.name : null;
  switch (stage) {
    case "draft":
      return <Trans>You have not sent it yet. Until then, nobody works on it.</Trans>;
    case "sent":
      return <Trans>It has arrived. Now it is at: {workflow?.stateTitle ?? ""}.</Trans>;
    case "working":
      return who === null ? <Trans>Somebody works on it.</Trans> : <Trans>{who} works on it.</Trans>;
    case "confirm":
      return <Trans>The work is done. Please confirm it, or say what is missing.</Trans>;
    case "paused":
      return <Trans>Work on it is on hold for now.</Trans>;
    case "done":
      return <Trans>It is done.</Trans>;
    case "ended":
      return <Trans>It has ended: {workflow?.stateTitle ?? ""}.</Trans>;
  }
}
