import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useClipboard } from "@mantine/hooks";
import { numberText } from "../formats/numbers";
import type { PrivacyRequest } from "./privacy-operations";

interface ReceiptProps {
  readonly receipt: NonNullable<PrivacyRequest["receipt"]>;
}

/** What an erasure has done, with its signature to be kept. */
export function Receipt({ receipt: { rows, copies, fileCount, sharedValueCount, signed } }: ReceiptProps) {
  const { t, i18n } = useLingui();
  const clipboard = useClipboard();
  return (
    <details className="receipt">
      <summary>
        <Trans>Receipt</Trans>
      </summary>
      <table>
        <thead>
          <tr>
            <th scope="col">
              <Trans>Table</Trans>
            </th>
            <th scope="col" className="number">
              <Trans>Rows</Trans>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((one) => (
            <tr key={one.table}>
              <th scope="row">{one.table}</th>
              <td className="number">{numberText(one.rows, i18n.locale)}</td>
            </tr>
          ))}
          {copies.map((one) => (
            <tr key={`copies ${one.table}`}>
              <th scope="row">{t`Copies in ${one.table}`}</th>
              <td className="number">{numberText(one.rows, i18n.locale)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p>
        <Plural value={fileCount} one="# file deleted" other="# files deleted" />
      </p>
      {sharedValueCount > 0 && (
        <p>
          <Plural
            value={sharedValueCount}
            one="# name or address is also that of others, so copies of it stay."
            other="# names and addresses are also those of others, so copies of them stay."
          />
        </p>
      )}
      <button type="button" className="link" onClick={() => clipboard.copy(signed)}>
        {clipboard.copied ? <Trans>Copied</Trans> : <Trans>Copy the signed receipt</Trans>}
      </button>
    </details>
  );
}
