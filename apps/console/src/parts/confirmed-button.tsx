import { Trans } from "@lingui/react/macro";
import { useState, type ReactNode } from "react";

interface ConfirmedButtonProps {
  /** What the button says, and its full name for those who do not see what it is next to. */
  readonly children: ReactNode;
  readonly name: string;
  /** What the button that does it says. */
  readonly confirm: ReactNode;
  readonly isPending: boolean;
  readonly onConfirmed: () => void;
}

/** A button for what cannot be undone: it asks once more. */
export function ConfirmedButton({ children, name, confirm, isPending, onConfirmed }: ConfirmedButtonProps) {
  const [isAsked, setAsked] = useState(false);
  return isAsked ? (
    <>
      <button type="button" className="link" autoFocus aria-disabled={isPending} onClick={onConfirmed}>
        {confirm}
      </button>
      <button type="button" className="link" onClick={() => setAsked(false)}>
        <Trans>Keep it</Trans>
      </button>
    </>
  ) : (
    <button type="button" className="link" aria-label={name} onClick={() => setAsked(true)}>
      {children}
    </button>
  );
}
