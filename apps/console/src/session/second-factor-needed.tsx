import { Trans } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { lazy, Suspense } from "react";
import { weft } from "../weft";

const SecondFactors = lazy(() => import("../account/second-factors").then(({ SecondFactors: Loaded }) => ({ default: Loaded })));

/** The session stays restricted until it is renewed, so a new login is faster. Without a connection, the session is forgotten here. */
const logInAgain = (): void => void weft.session.logOut().catch(() => undefined);

/** What users see whose session can do nothing but set up a second factor. */
export const SecondFactorNeeded = () => (
  <main className="alone">
    <section className="wide" aria-labelledby="second-factor">
      <h1 id="second-factor">
        <Trans>Set up a second factor</Trans>
      </h1>
      <p className="notice warn">
        <Trans>Your organization requires a second factor, and you don't have one yet. Set one up here, and log in again.</Trans>
      </p>
      <Suspense fallback={<div className="placeholder high" />}>
        <SecondFactors onEnrolled={logInAgain} />
      </Suspense>
      <Button variant="subtle" onClick={logInAgain}>
        <Trans>Log out</Trans>
      </Button>
    </section>
  </main>
);
