import { Trans, useLingui } from "@lingui/react/macro";
import { ErrorMessage } from "@weft/react";
import { useState } from "react";
import { dateText } from "../formats/times";
import { can, useViewer } from "../frame/viewer";
import { readFragment } from "../gql";
import type { ConsoleLegalHoldsQuery, LegalHoldFilter } from "../gql/graphql";
import { nameOfObject, objectName } from "../parts/object-name";
import { usePageList } from "../parts/pages/use-page-list";
import { Placeholders } from "../parts/placeholders";
import { TitledSection } from "../parts/titled-section";
import { useLoaded } from "../parts/use-loaded";
import { namesQuery } from "../requests/filters/filter-operations";
import { EndHoldDialog, NewHoldDialog } from "./hold-dialogs";
import { holdsQuery, type LegalHold } from "./privacy-operations";

interface HoldsProps {
  readonly areAllShown: boolean;
  readonly onShow: (all: boolean) => void;
  /** Called after a change, because holds stop erasures. */
  readonly onChanged: () => void;
}

/** Legal holds: what they cover, and why. */
export function Holds({ areAllShown, onShow, onChanged }: HoldsProps) {
  const viewer = useViewer();
  const canManage = can(viewer, "privacy.manage");
  const {
    rows: holds,
    next,
    error,
    loadMore,
    reload,
  } = usePageList<ConsoleLegalHoldsQuery, { readonly filter: LegalHoldFilter | null }, LegalHold>({
    query: holdsQuery,
    variables: { filter: areAllShown ? null : { endedAt: { isNull: true } } },
    pageOf: ({ legalHolds }) => legalHolds,
  });
  const ids = holds?.map(({ objectId }) => objectId).filter((id) => /^(?:usr|req)_/.test(id)) ?? [];
  // The API takes at most 100. Others are shown by their IDs.
  const names = useLoaded(namesQuery, ids.length > 0 ? { ids: [...new Set(ids)].slice(0, 100) } : null, { keepsPreviousData: true });
  const nameOf = (id: string): string => {
    if (id === viewer?.tenant?.id) return viewer.tenant.name;
    const object = readFragment(
      objectName,
      names.data?.nodes?.find((node) => node?.id === id),
    );
    return (object && nameOfObject(object)) ?? id;
  };
  const [dialog, setDialog] = useState<"new" | LegalHold | null>(null);
  const done = (): void => {
    setDialog(null);
    reload();
    onChanged();
  };
  return (
    <TitledSection title={<Trans>Legal holds</Trans>}>
      <p className="actions">
        {canManage && (
          <button type="button" className="quiet" aria-haspopup="dialog" data-action="new-hold" onClick={() => setDialog("new")}>
            <Trans>New legal hold</Trans>
          </button>
        )}
        <label className="check">
          <input type="checkbox" checked={areAllShown} onChange={({ currentTarget }) => onShow(currentTarget.checked)} />
          <Trans>Show those that have ended</Trans>
        </label>
      </p>
      <ErrorMessage error={error} />
      {holds === null ? (
        error === null && <Placeholders count={2} />
      ) : holds.length === 0 ? (
        <p className="soft">
          <Trans>No legal hold is open.</Trans>
        </p>
      ) : (
        <ul className="line-list holds">
          {holds.map((hold) => (
            <Hold key={hold.id} hold={hold} name={nameOf(hold.objectId)} onEnd={canManage ? () => setDialog(hold) : null} />
          ))}
        </ul>
      )}
      {next !== null && (
        <button type="button" className="quiet" data-action="more-holds" onClick={loadMore}>
          <Trans>Show more</Trans>
        </button>
      )}
      {dialog === "new" && <NewHoldDialog onDone={done} onClose={() => setDialog(null)} />}
      {dialog !== null && dialog !== "new" && <EndHoldDialog hold={dialog} onDone={done} onClose={() => setDialog(null)} />}
    </TitledSection>
  );
}

interface HoldProps {
  readonly hold: LegalHold;
  readonly name: string;
  /** Null if the user cannot end it. */
  readonly onEnd: (() => void) | null;
}

function Hold({ hold: { reason, createdBy, createdAt, endedAt, endedBy, endReason }, name, onEnd }: HoldProps) {
  const { t, i18n } = useLingui();
  return (
    <li>
      <strong>{name}</strong>
      <span className="words">{reason}</span>
      <span className="soft">
        {createdBy?.name ?? t`somebody`}, {dateText(createdAt, i18n.locale)}
      </span>
      {endedAt !== null && (
        <span className="soft">
          <Trans>
            ended by {endedBy?.name ?? t`somebody`}, {dateText(endedAt, i18n.locale)}: {endReason}
          </Trans>
        </span>
      )}
      {endedAt === null && onEnd && (
        <button
          type="button"
          className="link"
          aria-haspopup="dialog"
          data-action="end-hold"
          aria-label={t`End the hold on ${name}`}
          onClick={onEnd}
        >
          <Trans>End</Trans>
        </button>
      )}
    </li>
  );
}
