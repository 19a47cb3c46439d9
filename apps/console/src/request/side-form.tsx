import { Trans } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import type { WeftError } from "@weft/client";
import { ErrorMessage } from "@weft/react";
import { useEffect, useRef, type ReactNode } from "react";
import { useChanging } from "../parts/editing/use-editing";

interface SideFormProps {
  /** What the button says. */
  readonly action: ReactNode;
  readonly isReady: boolean;
  readonly isPending: boolean;
  readonly error: WeftError | null;
  readonly onSubmit: () => Promise<void>;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** A small form at the side of the page. It takes the focus when it opens, and Esc closes it. */
export function SideForm({ action, isReady, isPending, error, onSubmit, onClose, children }: SideFormProps) {
  const form = useRef<HTMLFormElement>(null);
  const changed = useChanging();
  useEffect(() => form.current?.querySelector<HTMLElement>("input, select, textarea, button")?.focus(), []);
  return (
    <form
      ref={form}
      className="side-form"
      onChange={changed}
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady && !isPending) void onSubmit();
      }}
      onKeyDown={(event) => {
        if (event.key === "Escape" && !event.defaultPrevented) onClose();
      }}
    >
      {children}
      <ErrorMessage error={error} />
      <p className="actions">
        <Button type="submit" size="xs" aria-disabled={!isReady || isPending} {...(!isReady && { "data-disabled": true })}>
          {action}
        </Button>
        <Button size="xs" variant="default" onClick={onClose}>
          <Trans>Cancel</Trans>
        </Button>
      </p>
    </form>
  );
}
