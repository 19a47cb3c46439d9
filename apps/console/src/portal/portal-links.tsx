import { Trans } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";

/** The portal, in the navigation. */
export const PortalLinks = () => (
  <ul>
    <li>
      <Link to="/portal">
        <Trans>Portal</Trans>
      </Link>
    </li>
  </ul>
);
