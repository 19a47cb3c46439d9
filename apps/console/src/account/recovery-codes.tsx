import { Trans } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { useState } from "react";

interface RecoveryCodesProps {
  readonly codes: readonly string[];
  readonly onKept: () => void;
}

/** Recovery codes, which the server returns only once. */
export function RecoveryCodes({ codes, onKept }: RecoveryCodesProps) {
  const [isCopied, setCopied] = useState(false);
  const copy = (): void =>
    void navigator.clipboard.writeText(codes.join("\n")).then(
      () => setCopied(true),
      // The browser forbids it. The codes can be selected.
      () => undefined,
    );
  return (
    <section className="notice warn codes" aria-labelledby="codes">
      <h3 id="codes">
        <Trans>Keep these recovery codes</Trans>
      </h3>
      <p>
        <Trans>Each replaces your second factor once, for example if you lose your phone. They are not shown again.</Trans>
      </p>
      <ol>
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ol>
      <p className="actions">
        <Button variant="default" onClick={copy}>
          {isCopied ? <Trans>Copied</Trans> : <Trans>Copy</Trans>}
        </Button>
        <Button onClick={onKept}>
          <Trans>I have kept them</Trans>
        </Button>
      </p>
    </section>
  );
}
