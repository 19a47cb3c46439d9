import { Trans, useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { dateText, relativeText } from "../formats/times";
import { Priority } from "../inbox/priority";
import { Assignee } from "./assignee";
import { Clocks } from "./clocks";
import { Links } from "./links";
import type { RequestOfPage } from "./request-operations";
import { Steps } from "./steps";
import { Tasks } from "./tasks";
import { Triage } from "./triage";
import { Watchers } from "./watchers";

export interface PropertiesProps {
  readonly request: RequestOfPage;
  readonly onChanged: () => void;
}

/** The side of the page: who, when, how urgent, and what else belongs to the request. */
export function Properties({ request, onChanged }: PropertiesProps) {
  const { i18n, t } = useLingui();
  const {
    createdBy,
    building,
    space,
    asset,
    createdAt,
    dueAt,
    closedAt,
    priority,
    tags,
    impact,
    urgency,
    isByLink,
    isFromEmail,
    workflow,
  } = request;
  const time = (iso: string) => (
    <time dateTime={iso} title={dateText(iso, i18n.locale)}>
      {relativeText(iso, i18n.locale)}
    </time>
  );
  const levels = { LOW: t`Low`, MEDIUM: t`Medium`, HIGH: t`High` };
  return (
    <section className="request-side" aria-label={t`Properties`}>
      <section>
        <dl className="properties">
          <Property name={<Trans>Assignee</Trans>}>
            <Assignee request={request} onChanged={onChanged} />
          </Property>
          <Property name={<Trans>From</Trans>}>
            {createdBy?.name ?? t`Somebody`} {isByLink && <Trans>by a link</Trans>} {isFromEmail && <Trans>by email</Trans>}
          </Property>
          <Property name={<Trans>Priority</Trans>}>
            {priority === "NORMAL" ? <Trans>Normal</Trans> : <Priority priority={priority} />}
          </Property>
          {impact && <Property name={<Trans>Impact</Trans>}>{levels[impact]}</Property>}
          {urgency && <Property name={<Trans>Urgency</Trans>}>{levels[urgency]}</Property>}
          {dueAt !== null && (
            <Property name={<Trans>Due</Trans>}>
              <span className={closedAt === null && Date.parse(dueAt) < Date.now() ? "late" : undefined}>{time(dueAt)}</span>
            </Property>
          )}
          {building && <Property name={<Trans>Building</Trans>}>{building.name}</Property>}
          {space && <Property name={<Trans>Space</Trans>}>{space.name}</Property>}
          {asset && <Property name={<Trans>Asset</Trans>}>{asset.name}</Property>}
          {tags && tags.length > 0 && (
            <Property name={<Trans>Tags</Trans>}>
              {tags.map((tag) => (
                <span key={tag} className="badge">
                  {tag}
                </span>
              ))}
            </Property>
          )}
          <Property name={<Trans>Created</Trans>}>{time(createdAt)}</Property>
          {closedAt !== null && <Property name={<Trans>Ended</Trans>}>{time(closedAt)}</Property>}
        </dl>
        <Triage request={request} onChanged={onChanged} />
      </section>
      <Clocks clocks={request.slaStatus ?? []} />
      {workflow && workflow.tasks.length > 0 && <Tasks tasks={workflow.tasks} />}
      {workflow && <Steps instanceId={workflow.id} state={workflow.state} />}
      <Watchers request={request} onChanged={onChanged} />
      <Links request={request} onChanged={onChanged} />
    </section>
  );
}

const Property = ({ name, children }: { readonly name: ReactNode; readonly children: ReactNode }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);
