import { i18n } from "@lingui/core";
import { I18nProvider, useLingui } from "@lingui/react";
import { MantineProvider } from "@mantine/core";
import { useSession, WeftProvider } from "@weft/react";
import type { ReactNode } from "react";
import { theme } from "./design/theme";
import { ErrorBoundary } from "./frame/error-boundary";
import { LazyPart, lazyPart } from "./parts/lazy-part";
import { timeZone } from "./formats/region";
import { textsOf } from "./formats/texts";
import { weft } from "./weft";

/** The whole console. The theme's variables and the classes for media queries are in style sheets, because the policy forbids style elements. */
export const App = () => (
  <I18nProvider i18n={i18n}>
    <MantineProvider theme={theme} defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
      <ErrorBoundary>
        <Texts>
          <Session />
        </Texts>
      </ErrorBoundary>
    </MantineProvider>
  </I18nProvider>
);

function Texts({ children }: { readonly children: ReactNode }) {
  const { i18n: current } = useLingui();
  return (
    <WeftProvider client={weft} texts={textsOf(current.locale)} timeZone={timeZone()}>
      {children}
    </WeftProvider>
  );
}

const SignedIn = lazyPart(async () => (await import("./frame/signed-in")).SignedIn);
const LoginPage = lazyPart(async () => (await import("./session/login-page")).LoginPage);
const SecondFactorNeeded = lazyPart(async () => (await import("./session/second-factor-needed")).SecondFactorNeeded);

/** The login stands in place of the page, whose address stays: after the login, the user is where they wanted to go. */
function Session() {
  const session = useSession();
  if (session.status === "signedOut")
    return (
      <LazyPart>
        <LoginPage reason={session.reason} />
      </LazyPart>
    );
  if (session.mustEnrolSecondFactor)
    return (
      <LazyPart>
        <SecondFactorNeeded />
      </LazyPart>
    );
  return (
    <LazyPart>
      <SignedIn key={session.key} />
    </LazyPart>
  );
}
