import { Plural, Trans, useLingui } from "@lingui/react/macro";
import type { WeftError } from "@weft/client";
import { ErrorMessage } from "@weft/react";
import { dateText } from "../formats/times";
import { numberText } from "../formats/numbers";
import type { ConsoleErasurePreviewQuery, ErasureAction } from "../gql/graphql";
import { Placeholders } from "../parts/placeholders";
import { useLoaded } from "../parts/use-loaded";
import { previewQuery } from "./privacy-operations";

interface PreviewTarget {
  readonly personId: string;
  readonly isAnonymization: boolean;
}

interface ErasurePreviewProps {
  /** Null until it is loaded. */
  readonly preview: NonNullable<ConsoleErasurePreviewQuery["erasurePreview"]> | null;
  readonly error: WeftError | null;
}

/** Loads what an erasure would do. Null: nothing is loaded. */
export function useErasurePreview(target: PreviewTarget | null): ErasurePreviewProps {
  const { data, error } = useLoaded(previewQuery, target);
  return { preview: data?.erasurePreview ?? null, error };
}

/** Loads and shows what an erasure would do. */
export const Preview = (target: PreviewTarget) => <ErasurePreview {...useErasurePreview(target)} />;

/** What an erasure would do: what goes, what stays, and why. */
export function ErasurePreview({ preview, error }: ErasurePreviewProps) {
  const { t, i18n } = useLingui();
  if (preview === null) return error === null ? <Placeholders count={3} /> : <ErrorMessage error={error} />;
  const { isHeld, endedHolds, tables, fileCount, kept } = preview;
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
      {endedHolds.length > 0 && (
        <ul className="ended-holds notice warn">
          {endedHolds.map(({ id, reason, endedAt, endedBy, endReason }) => (
            <li key={id}>
              <Trans>
                A legal hold covered the person ({reason}). {endedBy?.name ?? t`Somebody`} ended it, {dateText(endedAt ?? "", i18n.locale)}:{" "}
                {endReason}
              </Trans>
            </li>
          ))}
        </ul>
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
