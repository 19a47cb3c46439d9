import { Trans, useLingui } from "@lingui/react/macro";
import { Button, TextInput } from "@mantine/core";
import { ErrorMessage, useAction } from "@weft/react";
import { useState, type SubmitEvent } from "react";
import { dateText } from "../formats/times";
import { weft } from "../weft";
import { confirmTotp, enrolTotp, removeTotp } from "./account-operations";
import { ProofForm } from "./proof-form";
import { QrCode } from "./qr-code";
import type { FactorProps } from "./second-factors";

interface Begun {
  readonly secret: string;
  readonly uri: string;
}

/** Sets up an authenticator app, replaces it by another one, and removes it. */
export function AuthenticatorApp({ factors: { methods, totpEnabledAt }, onCodes, onChanged }: FactorProps) {
  const { i18n } = useLingui();
  const [way, setWay] = useState<"enrol" | "remove" | null>(null);
  const [begun, setBegun] = useState<Begun | null>(null);
  const close = (): void => {
    setWay(null);
    setBegun(null);
  };
  return (
    <section className="card" aria-labelledby="app">
      <h2 id="app">
        <Trans>Authenticator app</Trans>
      </h2>
      <p className="soft">
        {totpEnabledAt ? (
          <Trans>Set up on {dateText(totpEnabledAt, i18n.locale)}.</Trans>
        ) : (
          <Trans>An app on your phone shows a code that a login asks for.</Trans>
        )}
      </p>
      {way === null && (
        <p className="actions">
          <Button variant="default" data-action="enrol" onClick={() => setWay("enrol")}>
            {totpEnabledAt ? <Trans>Set up another app</Trans> : <Trans>Set up an app</Trans>}
          </Button>
          {totpEnabledAt && (
            <Button variant="subtle" data-action="remove" onClick={() => setWay("remove")}>
              <Trans>Remove</Trans>
            </Button>
          )}
        </p>
      )}
      {way === "enrol" && begun === null && (
        <ProofForm
          methods={methods}
          action={<Trans>Go on</Trans>}
          onProved={async (proof) => setBegun((await weft.mutate(enrolTotp, { input: proof })).enrolTotp ?? null)}
          onCancel={close}
        />
      )}
      {begun !== null && (
        <Confirm
          begun={begun}
          onCancel={close}
          onConfirmed={(codes) => {
            close();
            onCodes(codes);
          }}
        />
      )}
      {way === "remove" && (
        <ProofForm
          methods={methods}
          action={<Trans>Remove</Trans>}
          onProved={async (proof) => {
            await weft.mutate(removeTotp, { input: proof ?? {} });
            close();
            onChanged();
          }}
          onCancel={close}
        />
      )}
    </section>
  );
}

interface ConfirmProps {
  readonly begun: Begun;
  readonly onConfirmed: (recoveryCodes: readonly string[]) => void;
  readonly onCancel: () => void;
}

function Confirm({ begun: { secret, uri }, onConfirmed, onCancel }: ConfirmProps) {
  const { t } = useLingui();
  const confirm = useAction(confirmTotp);
  const [code, setCode] = useState("");
  async function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const confirmed = confirm.isPending ? null : await confirm.run({ input: { code: code.trim() } });
    if (confirmed?.confirmTotp) onConfirmed(confirmed.confirmTotp.recoveryCodes);
  }
  return (
    <form className="fields" onSubmit={(event) => void submit(event)}>
      <p>
        <Trans>Scan the picture with your app, or type the secret into it.</Trans>
      </p>
      <QrCode text={uri} label={t`QR code with the secret for your app`} />
      <p>
        <code className="secret">{secret}</code>
      </p>
      <TextInput
        name="first-code"
        label={t`Code that the app shows`}
        inputMode="numeric"
        autoComplete="one-time-code"
        pattern="\d{6}"
        required
        withAsterisk={false}
        autoFocus
        value={code}
        onChange={({ currentTarget }) => setCode(currentTarget.value)}
      />
      <ErrorMessage error={confirm.error} />
      <p className="actions">
        <Button type="submit" aria-disabled={confirm.isPending}>
          <Trans>Confirm</Trans>
        </Button>
        <Button variant="subtle" onClick={onCancel}>
          <Trans>Cancel</Trans>
        </Button>
      </p>
    </form>
  );
}
