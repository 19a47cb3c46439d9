import "../account.css";
import "./notifications-page.css";
import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { ErrorMessage } from "@weft/react";
import type { NotificationDigest } from "../../gql/graphql";
import type { Change } from "./changes";
import { Destinations } from "./destinations";
import { KindTable } from "./kind-table";
import type { Preferences } from "./preference-operations";
import { QuietTimes } from "./quiet-times";
import { usePreferences } from "./use-preferences";

/** What the user is notified about, where, and when not. Each change is saved at once. */
export function NotificationsPage() {
  const { preferences, error, change, undo, done, reload } = usePreferences();
  return (
    <div className="page account-page notifications-page">
      <p>
        <Link to="/account">
          <Trans>Your account</Trans>
        </Link>
      </p>
      <h1>
        <Trans>Notifications</Trans>
      </h1>
      <ErrorMessage error={error} />
      {preferences === null ? (
        error === null && <div className="placeholder high" role="status" aria-busy="true" />
      ) : (
        <>
          <section className="card" aria-labelledby="kinds">
            <h2 id="kinds">
              <Trans>What you get</Trans>
            </h2>
            <Digest preferences={preferences} onChange={change} />
            <KindTable preferences={preferences} onChange={change} />
          </section>
          <QuietTimes preferences={preferences} onChange={change} />
          <Destinations preferences={preferences} onChanged={reload} />
        </>
      )}
      <p role="status" className={done === null ? "hidden" : "saved"}>
        {done === "saved" && <Trans>Saved</Trans>}
        {done === "undone" && <Trans>Restored</Trans>}
        {undo !== null && (
          <button type="button" className="link" data-action="undo" onClick={undo}>
            <Trans>Undo</Trans>
          </button>
        )}
      </p>
    </div>
  );
}

interface DigestProps {
  readonly preferences: Preferences;
  readonly onChange: (change: Change) => void;
}

/** How emails are bundled, except those of kinds with a choice of their own. */
function Digest({ preferences, onChange }: DigestProps) {
  const { t } = useLingui();
  const digest = preferences.preferences.find((row) => row.channel === "EMAIL" && row.digestSource !== "KIND")?.digest ?? "NONE";
  return (
    <label className="digest">
      <Trans>Emails</Trans>
      <select
        name="digest"
        value={digest}
        onChange={({ currentTarget }) =>
          onChange({ preferences: [{ channel: "EMAIL", digest: currentTarget.value as NotificationDigest }] })
        }
      >
        <option value="NONE">{t`at once`}</option>
        <option value="HOURLY">{t`bundled, one per hour`}</option>
        <option value="DAILY">{t`bundled, one per day`}</option>
      </select>
    </label>
  );
}
