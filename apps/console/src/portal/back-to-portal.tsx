import { Trans } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";

export const BackToPortal = () => (
  <Link to="/portal" className="to-portal">
    <span aria-hidden="true">←</span> <Trans>Portal</Trans>
  </Link>
);
