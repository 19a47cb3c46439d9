import { LimitExceededError, MfaRequiredError, UnauthenticatedError, WeftError } from "../errors.js";

/** A close of a socket, as graphql-ws passes it. */
export interface Close {
  readonly code: number;
  readonly reason: string;
}

export const isClose = (problem: unknown): problem is Close =>
  typeof problem === "object" && problem !== null && "code" in problem && "reason" in problem;

export const signedOut = (): UnauthenticatedError =>
  new UnauthenticatedError({ message: "The session has ended. Log in again.", extensions: { code: "UNAUTHENTICATED" } });

/** Returns the error for a close code that ends subscriptions. `docs/reference/api.md` lists the codes. */
export function errorOfClose({ code, reason }: Close): WeftError {
  if (code === 4401 && reason === "MFA_REQUIRED")
    return new MfaRequiredError({ message: "Set up a second factor first.", extensions: { code: "MFA_REQUIRED" } });
  if (code === 4401) return signedOut();
  if (code === 4429)
    return new LimitExceededError({
      message: "There are too many connections or subscriptions. Close some first.",
      extensions: { code: "LIMIT_EXCEEDED" },
    });
  return new WeftError({ message: `Weft closed the connection (${code} ${reason}).`, extensions: { code: `CLOSED_${code}` } });
}
