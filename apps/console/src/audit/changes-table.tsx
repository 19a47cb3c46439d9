import { Trans, useLingui } from "@lingui/react/macro";
import { valueText, words } from "../formats/values";
import type { FieldChange } from "./changes";

interface ChangesTableProps {
  readonly changes: readonly FieldChange[];
  /** Whether there was a row before, and there is one after. */
  readonly hasBefore: boolean;
  readonly hasAfter: boolean;
}

/** What an entry says field by field. An object that was created has no column of values before; one that was deleted, none of values after. */
export function ChangesTable({ changes, hasBefore, hasAfter }: ChangesTableProps) {
  if (changes.length === 0)
    return (
      <p className="soft">
        <Trans>No field of the object has changed.</Trans>
      </p>
    );
  return (
    <table className="changes">
      <thead>
        <tr>
          <th scope="col">
            <Trans>Field</Trans>
          </th>
          {hasBefore && (
            <th scope="col">
              <Trans>Before</Trans>
            </th>
          )}
          {hasAfter && (
            <th scope="col">
              <Trans>After</Trans>
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {changes.map(({ path, before, after }) => (
          <tr key={path}>
            <th scope="row" title={path}>
              {path.split(".").map(words).join(" › ")}
            </th>
            {hasBefore && (
              <td className="before">
                <Value of={before} />
              </td>
            )}
            {hasAfter && (
              <td className="after">
                <Value of={after} />
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Value({ of }: { readonly of: unknown }) {
  const { t, i18n } = useLingui();
  if (of === "[erased]") return <em className="soft">{t`erased`}</em>;
  if (of === "[secret]") return <em className="soft">{t`secret`}</em>;
  if (typeof of === "boolean") return of ? t`yes` : t`no`;
  if (Array.isArray(of) && of.some((one) => typeof one === "object" && one !== null)) return <code>{JSON.stringify(of, null, 1)}</code>;
  return valueText(of, i18n.locale);
}
