import { MfaRequiredError, WeftError } from "@weft/client";
import { useSession, useWeft } from "@weft/react";
import { useState, type FormEvent } from "react";

const reasons = {
  loggedOut: null,
  expired: "Your session has expired. Log in again.",
  revoked: "Your session was ended. Log in again.",
};

/** Logs in with a password and, for users who have one, a second factor. */
export function Login() {
  const { session } = useWeft();
  const state = useSession();
  const [problem, setProblem] = useState<string | null>(null);
  const [isPending, setPending] = useState(false);
  const [mfaToken, setMfaToken] = useState<string | null>(null);
  const reason = state.status === "signedOut" && state.reason ? reasons[state.reason] : null;

  async function logIn(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const given = (name: string) => String(form.get(name) ?? "");
    setPending(true);
    setProblem(null);
    try {
      if (mfaToken) await session.completeLogin({ mfaToken, code: given("code") });
      else await session.logIn({ login: given("login"), password: given("password") });
    } catch (error) {
      if (error instanceof MfaRequiredError && error.mfaToken) setMfaToken(error.mfaToken);
      else if (error instanceof WeftError) setProblem(error.message);
      else throw error;
    } finally {
      setPending(false);
    }
  }

  return (
    <main className="login">
      <form className="card" onSubmit={(event) => void logIn(event)} aria-labelledby="login-title">
        <img src="/favicon.svg" alt="" width="44" height="44" />
        <h1 id="login-title">Log in to my-weft-app</h1>
        {reason && <p className="notice">{reason}</p>}
        {mfaToken ? (
          <label key="code" className="field">
            Code of your authenticator app
            <input name="code" inputMode="numeric" autoComplete="one-time-code" required autoFocus />
          </label>
        ) : (
          <>
            <label className="field">
              Email address or user name
              <input name="login" autoComplete="username" autoCapitalize="none" required autoFocus />
            </label>
            <label className="field">
              Password
              <input name="password" type="password" autoComplete="current-password" required />
            </label>
          </>
        )}
        {problem && (
          <p role="alert" className="problem">
            {problem}
          </p>
        )}
        <button type="submit" className="primary" disabled={isPending}>
          {isPending ? "Logging in…" : "Log in"}
        </button>
        {mfaToken && (
          <button type="button" onClick={() => setMfaToken(null)}>
            Back
          </button>
        )}
      </form>
    </main>
  );
}
