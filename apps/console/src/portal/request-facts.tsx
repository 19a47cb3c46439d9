import { Trans, useLingui } from "@lingui/react/macro";
import { dateText } from "../formats/times";
import { valueText, words } from "../formats/values";
import type { PortalRequest } from "./portal-operations";

/** What was asked for, and where. */
export function RequestFacts({
  request,
}: {
  readonly request: Pick<PortalRequest, "data" | "building" | "asset" | "createdAt" | "dueAt">;
}) {
  const { i18n } = useLingui();
  const { data, building, asset, createdAt, dueAt } = request;
  const values = Object.entries(typeof data === "object" && data !== null ? data : {});
  return (
    <section className="card" aria-labelledby="details">
      <h2 id="details">
        <Trans>Details</Trans>
      </h2>
      <dl className="facts">
        {values.map(([key, value]) => (
          <div key={key}>
            <dt>{words(key)}</dt>
            <dd>{valueText(value, i18n.locale)}</dd>
          </div>
        ))}
        {building && (
          <div>
            <dt>
              <Trans>Building</Trans>
            </dt>
            <dd>{[building.name, building.address].filter(Boolean).join(", ")}</dd>
          </div>
        )}
        {asset && (
          <div>
            <dt>
              <Trans>Asset</Trans>
            </dt>
            <dd>{[asset.name, asset.tag].filter(Boolean).join(", ")}</dd>
          </div>
        )}
        {dueAt !== null && (
          <div>
            <dt>
              <Trans>Due</Trans>
            </dt>
            <dd>{dateText(dueAt, i18n.locale)}</dd>
          </div>
        )}
        <div>
          <dt>
            <Trans>Created</Trans>
          </dt>
          <dd>{dateText(createdAt, i18n.locale)}</dd>
        </div>
      </dl>
    </section>
  );
}
