import { Trans } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";

/** The parts of the vendor's view, in the navigation. */
export const VendorLinks = () => (
  <ul>
    <li>
      <Link to="/vendor" activeOptions={{ exact: true }}>
        <Trans>Work</Trans>
      </Link>
    </li>
    <li>
      <Link to="/vendor/offers">
        <Trans>Offers</Trans>
      </Link>
    </li>
    <li>
      <Link to="/vendor/documents">
        <Trans>Documents</Trans>
      </Link>
    </li>
  </ul>
);
