import { Trans } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

interface MessageProps {
  readonly title: ReactNode;
  readonly children?: ReactNode;
}

/** Says what a place is that has nothing to show, and what to do. */
export const Message = ({ title, children }: MessageProps) => (
  <div className="message">
    <h2>{title}</h2>
    {children}
  </div>
);

export const NotFound = () => (
  <Message title={<Trans>There is no such page</Trans>}>
    <Link to="/">
      <Trans>Go to the first page</Trans>
    </Link>
  </Message>
);
