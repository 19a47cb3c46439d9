import { TransitionRejectedError, type WeftError } from "@weft/client";
import type { ReactNode } from "react";

/** Says why something failed, with each reason of a transition that is not allowed. */
export function ErrorMessage({ error }: { readonly error: WeftError | null }): ReactNode {
  if (!error) return null;
  const reasons = error instanceof TransitionRejectedError ? error.reasons : [];
  return (
    <div role="alert" data-weft="error" data-code={error.code}>
      <p>{error.message}</p>
      {reasons.length > 0 && (
        <ul>
          {reasons.map(({ code, message }) => (
            <li key={`${code} ${message}`}>{message}</li>
          ))}
        </ul>
      )}
    </div>
  );
}
