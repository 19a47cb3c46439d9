import { type Problem, UrlForbidden } from "@weft/shared/errors";
import { textProblems } from "@weft/shared/texts";
import { assertUrlAllowed, type OutboundPolicy } from "@weft/platform/outbound";
import type { OidcSettingsInput } from "./identity-provider-settings.type.js";

/** What only providers of the kind OIDC have. Stored as JSON. */
export interface OidcConfiguration {
  readonly issuer: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly emailClaim: string;
  readonly nameClaim: string;
  readonly groupsClaim: string | null;
}

const MAX_SCOPES = 20;
const scopePattern = /^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/;
const claimPattern = /^[\x21-\x7e]{1,200}$/;

/** Returns the configuration of a stored provider. */
export const oidcConfigurationOf = ({ configuration }: { readonly configuration: Readonly<Record<string, unknown>> }): OidcConfiguration =>
  configuration as unknown as OidcConfiguration;

/** Returns the configuration of an input in stored form, and its problems. Call it outside of transactions: it asks name servers. */
export async function readOidcConfiguration(
  policy: OutboundPolicy,
  given: OidcSettingsInput,
): Promise<{ configuration: OidcConfiguration; problems: Problem[] }> {
  const configuration = {
    issuer: given.issuer.trim(),
    clientId: given.clientId.trim(),
    scopes: [...new Set(["openid", ...given.scopes])],
    emailClaim: given.emailClaim,
    nameClaim: given.nameClaim,
    groupsClaim: given.groupsClaim ?? null,
  };
  const problems = [
    ...textProblems("input.oidc.clientId", configuration.clientId, { max: 500 }),
    ...(configuration.scopes.length > MAX_SCOPES
      ? [{ path: "input.oidc.scopes", message: `At most ${MAX_SCOPES} scopes are allowed.` }]
      : []),
    ...given.scopes.flatMap((scope, at) =>
      scopePattern.test(scope) ? [] : [{ path: `input.oidc.scopes.${at}`, message: "A scope has 1 to 100 visible ASCII characters." }],
    ),
    ...(["emailClaim", "nameClaim", "groupsClaim"] as const).flatMap((field) => {
      const value = configuration[field];
      if (value === null || claimPattern.test(value)) return [];
      return [{ path: `input.oidc.${field}`, message: "The name of a claim has 1 to 200 visible ASCII characters." }];
    }),
    ...(await issuerProblems(policy, configuration.issuer)),
  ];
  return { configuration, problems };
}

async function issuerProblems(policy: OutboundPolicy, issuer: string): Promise<Problem[]> {
  const path = "input.oidc.issuer";
  if (URL.canParse(issuer)) {
    const { search, hash, pathname } = new URL(issuer);
    // Read as the address of a document whose issuer nobody compares.
    if (pathname.includes("/.well-known/")) return [{ path, message: "Enter the issuer, not the address of its discovery document." }];
    if (search !== "" || hash !== "") return [{ path, message: "An issuer has neither a query nor a fragment." }];
  }
  try {
    await assertUrlAllowed(policy, issuer, path);
    return [];
  } catch (error) {
    if (error instanceof UrlForbidden) return [error.problem];
    throw error;
  }
}
