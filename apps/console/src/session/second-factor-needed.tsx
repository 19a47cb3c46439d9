import { Trans } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { weft } from "../weft";
import { LazyPart, lazyPart } from "../parts/lazy-part";

const SecondFactors = lazyPart(async () => (await import("../account/second-factors")).SecondFactors);

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
      <LazyPart fallback={<div className="placeholder high" />}>
        <SecondFactors onEnrolled={logInAgain} />
      </LazyPart>
      <Button variant="subtle" onClick={logInAgain}>
        <Trans>Log out</Trans>
      </Button>
    </section>
  </main>
);
