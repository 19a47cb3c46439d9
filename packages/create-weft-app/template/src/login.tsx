import { MfaRequiredError, PasswordChangeRequiredError, WeftError } from "@weft/client";
import { useSession, useWeft } from "@weft/react";
import { useState, type FormEvent } from "react";
import { useLogOut } from "./log-out";

const weftUrl = import.meta.env.VITE_WEFT_URL.replace(/\/+$/, "");

const reasons = {
  loggedOut: null,
  expired: "Your session has expired. Log in again.",
  revoked: "Your session was ended. Log in again.",
};

/** Logs in with a password and, for users who have one, a second factor. */
export function Login() {
  const { session } = useWeft();
  const state = useSession();
  const [problem, setProblem] = useState<WeftError | null>(null);
  const [isPending, setPending] = useState(false);
  const [mfaToken, setMfaToken] = useState<string | null>(null);
  const reason = state.status === "signedOut" && state.reason ? reasons[state.reason] : null;

  async function logIn(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (isPending) return;
    const form = new FormData(event.currentTarget);
    const given = (name: string) => String(form.get(name) ?? "");
    setPending(true);
    setProblem(null);
    try {
      if (mfaToken) await session.completeLogin({ mfaToken, code: given("code") });
      else await session.logIn({ login: given("login"), password: given("password") });
    } catch (error) {
      if (error instanceof MfaRequiredError && error.mfaToken) setMfaToken(error.mfaToken);
      else if (error instanceof WeftError) setProblem(error);
      else throw error;
    } finally {
      setPending(false);
    }
  }

  function goBack() {
    setMfaToken(null);
    setProblem(null);
  }

  return (
    <main className="login">
      <form className="card" onSubmit={(event) => void logIn(event)} aria-labelledby="login-title">
        <img src={`${import.meta.env.BASE_URL}favicon.svg`} alt="" width="44" height="44" />
        <h1 id="login-title">Log in to my-weft-app</h1>
        {reason && <p className="notice">{reason}</p>}
        {mfaToken ? (
          <label key="code" className="field">
            Code from your authenticator app
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
        {problem && <Problem error={problem} />}
        {/* A button that is disabled while it works would lose the focus. */}
        <button type="submit" className="primary" aria-disabled={isPending}>
          {isPending ? "Logging in…" : "Log in"}
        </button>
        {mfaToken && (
          <button type="button" onClick={goBack}>
            Back
          </button>
        )}
      </form>
    </main>
  );
}

function Problem({ error }: { readonly error: WeftError }) {
  if (error instanceof PasswordChangeRequiredError)
    return (
      <p role="alert" className="notice">
        Your password is temporary. Within ten minutes,{" "}
        <a href={`${weftUrl}/reset-password#token=${error.resetToken ?? ""}`} target="_blank" rel="noreferrer">
          choose a new one in Weft
        </a>
        . Then log in here with the new password.
      </p>
    );
  return (
    <p role="alert" className="problem">
      {error.message}
    </p>
  );
}

/** What users see whose session can do nothing but set up a second factor. */
export function SecondFactorNeeded() {
  const logOut = useLogOut();
  return (
    <main className="login">
      <section className="card" aria-labelledby="second-factor">
        <h1 id="second-factor">Set up a second factor</h1>
        <p className="notice">
          Your organization requires a second factor, and you don't have one yet.{" "}
          <a href={weftUrl} target="_blank" rel="noreferrer">
            Set one up in Weft
          </a>
          , for example an authenticator app. Then log in again.
        </p>
        <button type="button" onClick={() => void logOut()}>
          Log in again
        </button>
      </section>
    </main>
  );
}
