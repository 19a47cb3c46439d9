import { Trans, useLingui } from "@lingui/react/macro";
import { Button, PasswordInput, TextInput } from "@mantine/core";
import { ReauthRequiredError, WeftError } from "@weft/client";
import { ErrorMessage } from "@weft/react";
import { useState, type ReactNode, type SubmitEvent } from "react";
import type { SecondFactorCodeInput, SecondFactorMethod } from "../gql/graphql";
import { weft } from "../weft";
import { reauthenticate } from "./account-operations";
import { passkeyProof, proofOf } from "./proof";

interface ProofFormProps {
  /** Second factors that the user has. Without one, nothing is asked for. */
  readonly methods: readonly SecondFactorMethod[];
  readonly action: ReactNode;
  /** False while the user cannot know yet what would be done. */
  readonly isReady?: boolean;
  /** Does what needs the proof. It can be called again, after the user has proved more. */
  readonly onProved: (proof: SecondFactorCodeInput | null) => Promise<void>;
  readonly onCancel: () => void;
  /** Fields of what is done, before those of the proof. */
  readonly children?: ReactNode;
}

/** Asks for a second factor that the user has and, if the login is too long ago, for the password. */
export function ProofForm({ methods, action, isReady = true, onProved, onCancel, children }: ProofFormProps) {
  const { t } = useLingui();
  const [error, setError] = useState<WeftError | null>(null);
  const [isPending, setPending] = useState(false);
  const [needsPassword, setNeedsPassword] = useState(false);
  const [code, setCode] = useState("");
  const [password, setPassword] = useState("");
  const hasCodes = methods.some((method) => method !== "PASSKEY");

  async function attempt(prove: () => Promise<SecondFactorCodeInput | null>) {
    if (isPending || !isReady) return;
    setPending(true);
    setError(null);
    try {
      if (needsPassword) await weft.mutate(reauthenticate, { input: { password } });
      await onProved(await prove());
    } catch (problem) {
      if (problem instanceof ReauthRequiredError && !needsPassword) setNeedsPassword(true);
      else if (problem instanceof WeftError) setError(problem);
      // The user has closed the browser's question.
      else if (!(problem instanceof DOMException)) throw problem;
    } finally {
      setPending(false);
    }
  }
  function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    void attempt(() => Promise.resolve(hasCodes ? proofOf(code) : null));
  }
  return (
    <form className="fields" onSubmit={submit}>
      {children}
      {needsPassword && (
        <PasswordInput
          label={t`Password`}
          description={t`Your login was some time ago. Prove again who you are.`}
          autoComplete="current-password"
          required
          withAsterisk={false}
          autoFocus
          value={password}
          onChange={({ currentTarget }) => setPassword(currentTarget.value)}
        />
      )}
      {hasCodes && (
        <TextInput
          name="proof"
          label={t`Code`}
          description={t`From your authenticator app, or one of your recovery codes`}
          autoComplete="one-time-code"
          required
          withAsterisk={false}
          value={code}
          onChange={({ currentTarget }) => setCode(currentTarget.value)}
        />
      )}
      <ErrorMessage error={error} />
      <p className="actions">
        {(hasCodes || methods.length === 0) && (
          <Button type="submit" aria-disabled={isPending || !isReady}>
            {action}
          </Button>
        )}
        {methods.includes("PASSKEY") && (
          <Button variant="default" aria-disabled={isPending || !isReady} onClick={() => void attempt(passkeyProof)}>
            <Trans>Use a passkey</Trans>
          </Button>
        )}
        <Button variant="subtle" onClick={onCancel}>
          <Trans>Cancel</Trans>
        </Button>
      </p>
    </form>
  );
}
