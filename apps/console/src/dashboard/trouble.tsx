import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { relativeText } from "../formats/times";
import { words } from "../formats/values";
import type { Trouble as Found } from "./dashboard-operations";

interface TroubleProps {
  readonly trouble: Found;
  readonly nameOf: (definitionKey: string) => string;
}

type Subject = { readonly number?: string; readonly name?: string } | null | undefined;

/** The newest incidents, and the newest clocks over their target. */
export function Trouble({ trouble, nameOf }: TroubleProps) {
  const { i18n } = useLingui();
  const incidents = trouble.incidents?.edges.map(({ node }) => node) ?? [];
  const breaches = trouble.slaBreaches?.edges.map(({ node }) => node) ?? [];
  if (incidents.length + breaches.length === 0)
    return (
      <p className="soft">
        <Trans>Nothing is stopped by an incident, and no SLA is over its target.</Trans>
      </p>
    );
  return (
    <ul className="trouble">
      {incidents.map(({ id, message, definitionKey, state, instance, createdAt, subject }) => (
        <li key={id}>
          <p>
            <strong className="late">
              <Trans>Incident</Trans>
            </strong>{" "}
            {message}
          </p>
          <p className="soft">
            <About subject={subject as Subject} /> {nameOf(definitionKey)} · {instance?.stateTitle ?? words(state)} ·{" "}
            {relativeText(createdAt, i18n.locale)}
          </p>
        </li>
      ))}
      {breaches.map(({ id, title, definitionKey, breachedAt, instance }) => (
        <li key={id}>
          <p>{title}</p>
          <p className="soft">
            <About subject={instance?.subject as Subject} /> {nameOf(definitionKey)}
            {instance && ` · ${instance.stateTitle}`}
            {breachedAt !== null && ` · ${relativeText(breachedAt, i18n.locale)}`}
          </p>
        </li>
      ))}
    </ul>
  );
}

function About({ subject }: { readonly subject: Subject }) {
  if (subject?.number !== undefined)
    return (
      <>
        <Link to="/requests/$id" params={{ id: subject.number }}>
          {subject.number}
        </Link>{" "}
        ·
      </>
    );
  return subject?.name === undefined ? null : <>{subject.name} ·</>;
}
