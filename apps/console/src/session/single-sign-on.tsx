import { Trans } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { startSingleSignOn } from "@weft/client";
import { useState } from "react";
import { graphql } from "../gql";
import type { ConsoleLoginMethodsQuery } from "../gql/graphql";
import { weft } from "../weft";

const loginMethods = graphql(`
  query ConsoleLoginMethods($login: String!) {
    loginMethods(login: $login) {
      acceptsPassword
      providers {
        providerId
        name
        startUrl
      }
    }
  }
`);

type Provider = NonNullable<ConsoleLoginMethodsQuery["loginMethods"]>["providers"][number];

const returnKey = "weft:return-to";
const start = import.meta.env.BASE_URL;

/** Opens the provider's page. After the login there, the user is where they wanted to go. */
async function open({ startUrl }: Provider): Promise<void> {
  sessionStorage.setItem(returnKey, location.pathname + location.search);
  await startSingleSignOn({ startUrl: weft.resolve(startUrl), redirectUrl: `${location.origin}${start}` });
}

/** Takes the answer of the provider out of the address, and shows the address from which the user came. */
export function returnFromProvider(): void {
  const path = sessionStorage.getItem(returnKey);
  sessionStorage.removeItem(returnKey);
  history.replaceState(null, "", path?.startsWith(start) ? path : start);
}

interface SingleSignOnProps {
  /** What the user has entered as a login. */
  readonly login: () => string;
  readonly attempt: (work: () => Promise<void>) => void;
}

/** A login at the identity provider of the user's organization, which follows from the email address. */
export function SingleSignOn({ login, attempt }: SingleSignOnProps) {
  const [providers, setProviders] = useState<readonly Provider[] | null>(null);
  const find = (): void =>
    attempt(async () => {
      const { loginMethods: methods } = await weft.query(loginMethods, { login: login() });
      const found = methods?.providers ?? [];
      setProviders(found);
      const [only, ...others] = found;
      if (only && others.length === 0) await open(only);
    });
  return (
    <>
      <Button variant="default" data-action="single-sign-on" onClick={find}>
        <Trans>Single sign-on</Trans>
      </Button>
      <div role="status" className="choices">
        {providers?.length === 0 && (
          <p className="notice">
            <Trans>There is no single sign-on for this email address. Enter the address that your organization uses, or a password.</Trans>
          </p>
        )}
        {providers !== null &&
          providers.length > 1 &&
          providers.map((provider) => (
            <Button key={provider.providerId} variant="default" onClick={() => attempt(() => open(provider))}>
              {provider.name}
            </Button>
          ))}
      </div>
    </>
  );
}
