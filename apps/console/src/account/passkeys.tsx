import { Trans, useLingui } from "@lingui/react/macro";
import { Button, TextInput } from "@mantine/core";
import { createPasskey } from "@weft/client";
import { useState } from "react";
import { dateText } from "../formats/times";
import { weft } from "../weft";
import { registerPasskey, removePasskey, startPasskey } from "./account-operations";
import { ProofForm } from "./proof-form";
import type { FactorProps } from "./second-factors";

/** Lists the user's passkeys, adds one, and removes one. */
export function Passkeys({ factors: { methods, passkeys }, onCodes, onChanged }: FactorProps) {
  const { t, i18n } = useLingui();
  /** ID of the one to remove, or a new one. */
  const [open, setOpen] = useState<string | null>(null);
  const [name, setName] = useState("");
  const close = (): void => setOpen(null);
  return (
    <section className="card" aria-labelledby="passkeys">
      <h2 id="passkeys">
        <Trans>Passkeys</Trans>
      </h2>
      <p className="soft">
        <Trans>Log in with your fingerprint, your face, a PIN or a security key, without a password.</Trans>
      </p>
      {passkeys.length > 0 && (
        <ul className="entries">
          {passkeys.map((passkey) => (
            <li key={passkey.id}>
              <span className="words">{passkey.name}</span>
              <span className="soft">
                {passkey.lastUsedAt ? (
                  <Trans>Last used {dateText(passkey.lastUsedAt, i18n.locale)}</Trans>
                ) : (
                  <Trans>Created {dateText(passkey.createdAt, i18n.locale)}</Trans>
                )}
              </span>
              <button type="button" className="link" aria-label={t`Remove ${passkey.name}`} onClick={() => setOpen(passkey.id)}>
                <Trans>Remove</Trans>
              </button>
              {open === passkey.id && (
                <ProofForm
                  methods={methods}
                  action={<Trans>Remove</Trans>}
                  onProved={async (proof) => {
                    await weft.mutate(removePasskey, { input: { id: passkey.id, ...proof } });
                    close();
                    onChanged();
                  }}
                  onCancel={close}
                />
              )}
            </li>
          ))}
        </ul>
      )}
      {open === "new" ? (
        <>
          <TextInput
            label={t`Name by which you recognize it`}
            value={name}
            maxLength={200}
            onChange={({ currentTarget }) => setName(currentTarget.value)}
          />
          <ProofForm
            methods={methods}
            action={<Trans>Create</Trans>}
            onProved={async (proof) => {
              const { startPasskeyRegistration } = await weft.mutate(startPasskey, { input: proof });
              const response = await createPasskey(startPasskeyRegistration?.options);
              const { registerPasskey: added } = await weft.mutate(registerPasskey, {
                input: { response, name: name.trim() || t`Passkey` },
              });
              close();
              setName("");
              if (added?.recoveryCodes) onCodes(added.recoveryCodes);
              else onChanged();
            }}
            onCancel={close}
          />
        </>
      ) : (
        <p className="actions">
          <Button variant="default" data-action="add-passkey" onClick={() => setOpen("new")}>
            <Trans>Add a passkey</Trans>
          </Button>
        </p>
      )}
    </section>
  );
}
