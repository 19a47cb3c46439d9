import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { dateText } from "../formats/times";
import { eventTitles } from "./event-texts";
import type { TimelineEntry } from "./timeline-operations";

/** An entry of a request's history: what happened, by whom, when, and what was said. */
export function HistoryEntry({ entry }: { readonly entry: TimelineEntry }) {
  const { i18n, t } = useLingui();
  const {
    event,
    at,
    actor,
    onBehalfOf,
    isAutomatic,
    audience,
    text,
    title,
    transitionTitle,
    from,
    fromTitle,
    to,
    toTitle,
    assignee,
    comment,
    attachment,
    otherRequest,
  } = entry;
  const said = comment?.text ?? text;
  const what = transitionTitle === null ? i18n._(eventTitles[event]) : transitionTitle;
  const about = event === "ASSIGNMENT" ? (assignee?.name ?? t`nobody`) : (title ?? attachment?.file?.name ?? null);
  return (
    <div className="entry" data-event={event}>
      <p>
        <strong>{what}</strong>
        {about !== null && <span> {about}</span>}
        {otherRequest && (
          <>
            {" "}
            <Link to="/requests/$id" params={{ id: otherRequest.id }}>
              {otherRequest.number}
            </Link>
          </>
        )}
        {from !== null && to !== null && from !== to && (
          <span className="soft">
            {" "}
            {fromTitle} → {toTitle}
          </span>
        )}
        {audience === "INTERNAL" && (
          <>
            {" "}
            <span className="badge warn">
              <Trans>Internal</Trans>
            </span>
          </>
        )}
      </p>
      <p className="soft">
        {isAutomatic ? t`Automatic` : (actor?.name ?? t`Somebody`)}
        {onBehalfOf && (
          <>
            {" "}
            <Trans>for {onBehalfOf.name}</Trans>
          </>
        )}
        {" · "}
        <time dateTime={at}>{dateText(at, i18n.locale)}</time>
      </p>
      {said !== null && said !== "" && <blockquote>{said}</blockquote>}
    </div>
  );
}
