import { Trans, useLingui } from "@lingui/react/macro";
import { ErrorMessage, useAction } from "@weft/react";
import { relativeText } from "../formats/times";
import { useLoaded } from "../parts/use-loaded";
import { revokeSession, sessionsQuery } from "./account-operations";

/** The devices on which the user is logged in. */
export function Sessions() {
  const { t, i18n } = useLingui();
  const { data, error, reload } = useLoaded(sessionsQuery, {});
  const revoke = useAction(revokeSession);
  async function end(id: string) {
    if (!revoke.isPending && (await revoke.run({ input: { id } })) !== null) await reload();
  }
  return (
    <section className="card" aria-labelledby="sessions">
      <h2 id="sessions">
        <Trans>Where you are logged in</Trans>
      </h2>
      <ErrorMessage error={error ?? revoke.error} />
      {data === null ? (
        error === null && <div className="placeholder" />
      ) : (
        <ul className="entries sessions">
          {data.sessions?.map(({ id, isCurrent, device, address, lastUsedAt }) => {
            const name = [device.browser, device.operatingSystem].filter(Boolean).join(", ") || t`Unknown device`;
            return (
              <li key={id} data-current={isCurrent}>
                <span className="words">{name}</span>
                <span className="soft">
                  {[address, isCurrent ? t`this session` : t`used ${relativeText(lastUsedAt, i18n.locale)}`].filter(Boolean).join(" · ")}
                </span>
                {!isCurrent && (
                  <button type="button" className="link" aria-label={t`End session: ${name}`} onClick={() => void end(id)}>
                    <Trans>End session</Trans>
                  </button>
                )}
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}
