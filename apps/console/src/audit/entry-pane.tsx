import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { ErrorMessage } from "@weft/react";
import { useMemo, type ReactNode } from "react";
import { exactText } from "../formats/times";
import { numberText } from "../formats/numbers";
import { Message } from "../frame/messages";
import { Placeholders } from "../parts/placeholders";
import { useLoaded } from "../parts/use-loaded";
import { auditEntryQuery, type OpenAuditEntry } from "./audit-operations";
import type { AuditSearch } from "./audit-search";
import { changesOf } from "./changes";
import { ChangesTable } from "./changes-table";
import { ObjectLink } from "./object-link";

interface EntryPaneProps {
  readonly id: string;
  readonly onClose: () => void;
}

/** An entry: who did what to which object, from where, and what changed. */
export function EntryPane({ id, onClose }: EntryPaneProps) {
  const { data, error, reload } = useLoaded(auditEntryQuery, { id });
  const entry = data?.node && "action" in data.node ? data.node : null;
  return (
    <article className="audit-entry" aria-labelledby="entry-title" aria-busy={data === null && error === null}>
      <button type="button" className="link back" onClick={onClose}>
        <span aria-hidden="true">←</span> <Trans>Close</Trans>
      </button>
      {entry !== null ? (
        <Entry entry={entry} />
      ) : data !== null || error?.code === "BAD_USER_INPUT" || error?.code === "NOT_FOUND" ? (
        <Message title={<Trans>There is no such entry</Trans>}>
          <p>
            <Trans>It does not exist, or you cannot see it.</Trans>
          </p>
        </Message>
      ) : error === null ? (
        <Placeholders count={6} />
      ) : (
        <Message title={<Trans>The entry could not be loaded.</Trans>}>
          <ErrorMessage error={error} />
          <button type="button" className="link" onClick={() => void reload()}>
            <Trans>Try again</Trans>
          </button>
        </Message>
      )}
    </article>
  );
}

function Entry({ entry }: { readonly entry: OpenAuditEntry }) {
  const { before, after, summary } = entry;
  const changes = useMemo(() => changesOf(before, after), [before, after]);
  return (
    <>
      <h1 id="entry-title" tabIndex={-1} lang="en">
        {summary}
      </h1>
      <Facts entry={entry} />
      <section aria-labelledby="changes-title">
        <h2 id="changes-title">
          <Trans>What changed</Trans>
        </h2>
        <ChangesTable changes={changes} hasBefore={before !== null} hasAfter={after !== null} />
      </section>
    </>
  );
}

function Facts({ entry }: { readonly entry: OpenAuditEntry }) {
  const { t, i18n } = useLingui();
  const { id, at, action, actor, onBehalfOf, address, sessionId, apiKeyId, requestId, sequence, entityId } = entry;
  return (
    <dl className="audit-facts">
      <Fact name={<Trans>Time</Trans>}>
        <time dateTime={at} title={at}>
          {exactText(at, i18n.locale)}
        </time>
      </Fact>
      <Fact name={<Trans>Actor</Trans>} all={actor && { actor: actor.id }}>
        {actor === null ? t`Somebody whom you cannot see` : `${actor.name} (${actor.email})`}
      </Fact>
      {onBehalfOf && <Fact name={<Trans>On behalf of</Trans>}>{onBehalfOf.name}</Fact>}
      <Fact name={<Trans>Action</Trans>} all={{ action }}>
        <code>{action}</code>
      </Fact>
      <Fact name={<Trans>Object</Trans>} all={{ object: entityId }}>
        <ObjectLink of={entry} />
      </Fact>
      <Fact name={<Trans>From</Trans>}>{address ?? <Trans>Weft itself, in the background</Trans>}</Fact>
      {apiKeyId !== null && (
        <Fact name={<Trans>API key</Trans>} all={{ key: apiKeyId }}>
          <code>{apiKeyId}</code>
        </Fact>
      )}
      {sessionId !== null && (
        <Fact name={<Trans>Session</Trans>}>
          <code>{sessionId}</code>
        </Fact>
      )}
      <Fact name={<Trans>ID of the call</Trans>}>
        <code>{requestId}</code>
      </Fact>
      <Fact name={<Trans>Entry</Trans>}>
        <code>{id}</code>
      </Fact>
      <Fact name={<Trans>Place in the chain</Trans>}>
        {sequence === null ? <Trans>Not sealed yet</Trans> : numberText(sequence, i18n.locale)}
      </Fact>
    </dl>
  );
}

interface FactProps {
  readonly name: ReactNode;
  /** Filter that finds all entries with this value. */
  readonly all?: AuditSearch | null;
  readonly children: ReactNode;
}

const Fact = ({ name, all = null, children }: FactProps) => (
  <div>
    <dt>{name}</dt>
    <dd>
      {children}{" "}
      {all !== null && (
        <Link to="/audit" search={all} className="all" activeProps={{}}>
          <Trans>All entries</Trans> <span className="hidden">{name}</span>
        </Link>
      )}
    </dd>
  </div>
);
