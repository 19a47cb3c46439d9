import "./account.css";
import { Plural, Trans } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { ErrorMessage } from "@weft/react";
import { useState } from "react";
import type { ConsoleSecondFactorsQuery } from "../gql/graphql";
import { useLoaded } from "../parts/use-loaded";
import { weft } from "../weft";
import { factorsQuery, regenerateCodes } from "./account-operations";
import { AuthenticatorApp } from "./authenticator-app";
import { Passkeys } from "./passkeys";
import { ProofForm } from "./proof-form";
import { RecoveryCodes } from "./recovery-codes";

export interface FactorProps {
  readonly factors: NonNullable<ConsoleSecondFactorsQuery["secondFactors"]>;
  /** Called with recovery codes, which must be shown. */
  readonly onCodes: (codes: readonly string[]) => void;
  readonly onChanged: () => void;
}

interface SecondFactorsProps {
  /** Called when the user has kept the recovery codes of a new second factor. */
  readonly onEnrolled?: () => void;
}

/** The user's second factors: an authenticator app, passkeys, and recovery codes. */
export function SecondFactors({ onEnrolled }: SecondFactorsProps) {
  const { data, error, reload } = useLoaded(factorsQuery, {});
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const factors = data?.secondFactors ?? null;
  const changed = (): void => void reload();
  function kept() {
    setCodes(null);
    if (onEnrolled) onEnrolled();
    else changed();
  }
  if (codes !== null) return <RecoveryCodes codes={codes} onKept={kept} />;
  return (
    <>
      <ErrorMessage error={error} />
      {factors === null ? (
        error === null && <div className="placeholder high" />
      ) : (
        <>
          <AuthenticatorApp factors={factors} onCodes={setCodes} onChanged={changed} />
          <Passkeys factors={factors} onCodes={setCodes} onChanged={changed} />
          {factors.methods.length > 0 && <Codes factors={factors} onCodes={setCodes} onChanged={changed} />}
        </>
      )}
    </>
  );
}

function Codes({ factors: { methods, recoveryCodesLeft }, onCodes }: FactorProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <section className="card" aria-labelledby="recovery">
      <h2 id="recovery">
        <Trans>Recovery codes</Trans>
      </h2>
      <p className="soft">
        <Plural value={recoveryCodesLeft} one="# code is left." other="# codes are left." />
      </p>
      {isOpen ? (
        <ProofForm
          methods={methods}
          action={<Trans>Create new codes</Trans>}
          onProved={async (proof) => {
            const { regenerateRecoveryCodes } = await weft.mutate(regenerateCodes, { input: proof ?? {} });
            setOpen(false);
            if (regenerateRecoveryCodes) onCodes(regenerateRecoveryCodes.recoveryCodes);
          }}
          onCancel={() => setOpen(false)}
        />
      ) : (
        <p className="actions">
          <Button variant="default" onClick={() => setOpen(true)}>
            <Trans>Create new codes</Trans>
          </Button>
        </p>
      )}
    </section>
  );
}
