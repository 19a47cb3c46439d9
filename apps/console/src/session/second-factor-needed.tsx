import { Trans } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { weft } from "../weft";

/** What users see whose session can do nothing but set up a second factor. */
export const SecondFactorNeeded = () => (
  <main className="alone">
    <section aria-labelledby="second-factor">
      <h1 id="second-factor">
        <Trans>Set up a second factor</Trans>
      </h1>
      <p className="notice warn">
        <Trans>
          Your organization requires a second factor, and you don't have one yet. Set one up, for example an authenticator app, and log in
          again.
        </Trans>
      </p>
      <Button onClick={() => void weft.session.logOut().catch(() => undefined)}>
        <Trans>Log in again</Trans>
      </Button>
    </section>
  </main>
);
