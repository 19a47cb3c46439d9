import { Trans } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { SecondFactors } from "./second-factors";
import { Sessions } from "./sessions";

/** How the user logs in, and where. */
export const SecurityPage = () => (
  <div className="page account-page">
    <p>
      <Link to="/account">
        <Trans>Your account</Trans>
      </Link>
    </p>
    <h1>
      <Trans>Security of your account</Trans>
    </h1>
    <SecondFactors />
    <Sessions />
  </div>
);
