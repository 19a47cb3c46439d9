import { Trans, useLingui } from "@lingui/react/macro";
import { Button, PasswordInput, TextInput } from "@mantine/core";
import { askForPasskey, MfaRequiredError, PasswordChangeRequiredError, singleSignOnGrant, WeftError, type SessionEnd } from "@weft/client";
import { useEffect, useRef, useState, type SubmitEvent } from "react";
import { graphql } from "../gql";
import { forgetDrafts } from "../parts/draft-storage";
import { weft } from "../weft";
import { returnFromProvider, SingleSignOn } from "./single-sign-on";

const startPasskeyLogin = graphql(`
  mutation ConsolePasskey($input: StartPasskeyLoginInput!) {
    startPasskeyLogin(input: $input) {
      options
    }
  }
`);

async function passkey(mfaToken?: string): Promise<unknown> {
  const input = mfaToken === undefined ? {} : { mfaToken };
  const { startPasskeyLogin: started } = await weft.mutate(startPasskeyLogin, { input });
  return askForPasskey(started?.options);
}

/** Logs in with a password and, for users who have one, a second factor, or with a passkey alone. */
export function LoginPage({ reason }: { readonly reason: SessionEnd | null }) {
  const { t } = useLingui();
  const [problem, setProblem] = useState<WeftError | null>(null);
  const [isPending, setPending] = useState(false);
  const [mfaToken, setMfaToken] = useState<string | null>(null);
  const field = useRef<HTMLInputElement>(null);

  async function attempt(work: () => Promise<void>) {
    // A button that is disabled while it works would lose the focus.
    if (isPending) return;
    setPending(true);
    setProblem(null);
    try {
      await work();
    } catch (error) {
      if (error instanceof MfaRequiredError && error.mfaToken) setMfaToken(error.mfaToken);
      else if (error instanceof WeftError) setProblem(error);
      // The user has closed the browser's question.
      else if (!(error instanceof DOMException)) throw error;
    } finally {
      setPending(false);
    }
  }
  function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const given = (name: string) => {
      const value = form.get(name);
      return typeof value === "string" ? value : "";
    };
    const tenant = given("tenant").trim();
    void attempt(() => {
      if (mfaToken === null)
        return weft.session.logIn({ login: given("login"), password: given("password"), ...(tenant !== "" && { tenant }) });
      const code = given("code").trim();
      return weft.session.completeLogin(/^\d{6}$/.test(code) ? { mfaToken, code } : { mfaToken, recoveryCode: code });
    });
  }
  const usePasskey = () =>
    attempt(async () => {
      if (mfaToken === null) await weft.session.logIn({ passkey: await passkey() });
      else await weft.session.completeLogin({ mfaToken, passkey: await passkey(mfaToken) });
    });
  useEffect(() => {
    // After the end of a session, the same user finds what they had typed.
    if (reason === "loggedOut") forgetDrafts();
  }, [reason]);
  useEffect(() => {
    if (!/[?&](?:code|error)=/.test(location.search)) return;
    void attempt(async () => {
      try {
        const grant = singleSignOnGrant();
        if (grant === null) return;
        returnFromProvider();
        await weft.session.logIn(grant);
      } catch (error) {
        if (error instanceof WeftError && error.code === "SINGLE_SIGN_ON_FAILED") returnFromProvider();
        throw error;
      }
    });
  }, []);
  function goBack() {
    setMfaToken(null);
    setProblem(null);
  }

  return (
    <main className="alone">
      <form onSubmit={submit} aria-labelledby="login-title">
        <img src={`${import.meta.env.BASE_URL}favicon.svg`} alt="" width="36" height="36" />
        <h1 id="login-title">
          <Trans>Log in to Weft</Trans>
        </h1>
        {reason === "expired" && (
          <p className="notice">
            <Trans>Your session has expired. Log in again.</Trans>
          </p>
        )}
        {reason === "revoked" && (
          <p className="notice warn">
            <Trans>Your session was ended. Log in again.</Trans>
          </p>
        )}
        {mfaToken === null ? (
          <>
            <TextInput
              ref={field}
              name="login"
              label={t`Email address or user name`}
              autoComplete="username"
              autoCapitalize="none"
              required
              autoFocus
              withAsterisk={false}
            />
            <PasswordInput name="password" label={t`Password`} autoComplete="current-password" required withAsterisk={false} />
            <details>
              <summary className="soft">
                <Trans>Organizations that registered themselves</Trans>
              </summary>
              <TextInput name="tenant" label={t`Short name of the organization`} autoCapitalize="none" mt={8} />
            </details>
          </>
        ) : (
          <TextInput
            key="code"
            name="code"
            label={t`Code`}
            description={t`From your authenticator app, or one of your recovery codes`}
            autoComplete="one-time-code"
            required
            autoFocus
            withAsterisk={false}
          />
        )}
        {problem && <Problem error={problem} />}
        <Button type="submit" aria-disabled={isPending}>
          {isPending ? <Trans>Logging in…</Trans> : <Trans>Log in</Trans>}
        </Button>
        <Button variant="default" onClick={() => void usePasskey()}>
          <Trans>Use a passkey</Trans>
        </Button>
        {mfaToken === null && <SingleSignOn login={() => field.current?.value.trim() ?? ""} attempt={(work) => void attempt(work)} />}
        {mfaToken !== null && (
          <Button variant="subtle" onClick={goBack}>
            <Trans>Back</Trans>
          </Button>
        )}
      </form>
    </main>
  );
}

function Problem({ error }: { readonly error: WeftError }) {
  if (error instanceof PasswordChangeRequiredError)
    return (
      <p role="alert" className="notice warn">
        <Trans>
          Your password is temporary. Within ten minutes, <a href={`/reset-password#token=${error.resetToken ?? ""}`}>choose a new one</a>.
          Then log in with it.
        </Trans>
      </p>
    );
  return (
    <p role="alert" className="notice bad">
      {error.message}
    </p>
  );
}
