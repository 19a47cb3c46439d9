import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { ErrorMessage } from "@weft/react";
import { numberText } from "../formats/numbers";
import type { ErasureAction } from "../gql/graphql";
import { Placeholders } from "../parts/placeholders";
import { useLoaded } from "../parts/use-loaded";
import { previewQuery } from "./privacy-operations";

interface PreviewProps {
  readonly personId: string;
  readonly isAnonymization: boolean;
}

/** What an erasure would do: what goes, what stays, and why. */
export function Preview({ personId, isAnonymization }: PreviewProps) {
  const { t, i18n } = useLingui();
  const { data, error } = useLoaded(previewQuery, { personId, isAnonymization });
  const preview = data?.erasurePreview ?? null;
  if (preview === null) return error === null ? <Placeholders count={3} /> : <ErrorMessage error={error} />;
  const { isHeld, tables, fileCount, kept } = preview;
  const actions: Readonly<Record<ErasureAction, string>> = { REPLACE: t`replaced`, DELETE: t`deleted`, KEEP: t`kept` };
  const gone = tables.filter(({ action, rows }) => action !== "KEEP" && rows > 0);
  const rowCount = gone.reduce((sum, { rows }) => sum + rows, 0);
  return (
    <section className="erasure-preview" aria-label={t`Preview`}>
      {isHeld && (
        <p role="alert" className="notice warn">
          <Trans>A legal hold covers the person. Nothing is erased until it is ended.</Trans>
        </p>
      )}
      <h3>
        <Trans>What goes</Trans>
      </h3>
      <p>
        <Plural value={rowCount} one="# row" other="# rows" />
        {", "}
        <Plural value={fileCount} one="# file" other="# files" />
      </p>
      <details>
        <summary>
          <Trans>Table by table</Trans>
        </summary>
        <table>
          <thead>
            <tr>
              <th scope="col">
                <Trans>Table</Trans>
              </th>
              <th scope="col">
                <Trans>What happens</Trans>
              </th>
              <th scope="col" className="number">
                <Trans>Rows</Trans>
              </th>
            </tr>
          </thead>
          <tbody>
            {tables.map(({ table, columns, action, rows }) => (
              <tr key={`${table} ${action}`}>
                <th scope="row" title={columns.join(", ")}>
                  {table}
                </th>
                <td>{actions[action]}</td>
                <td className="number">{numberText(rows, i18n.locale)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
      <h3>
        <Trans>What stays, and why</Trans>
      </h3>
      <ul className="kept" lang="en">
        {kept.map((one) => (
          <li key={one}>{one}</li>
        ))}
      </ul>
    </section>
  );
}
