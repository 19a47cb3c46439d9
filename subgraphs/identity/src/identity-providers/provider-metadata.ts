import { z } from "zod";
import { ProviderUnusable } from "./provider-unusable.js";

const MAX_URL_LENGTH = 2_000;

/** Parameters that Weft adds to the authorization endpoint. Values of the document's own would be sent along with them. */
const authorizationParameters = [
  "client_id",
  "code_challenge",
  "code_challenge_method",
  "max_age",
  "nonce",
  "prompt",
  "redirect_uri",
  "request",
  "request_uri",
  "response_mode",
  "response_type",
  "scope",
  "state",
];

const texts = z.array(z.string().max(200)).max(500).optional();
const url = z.string().max(MAX_URL_LENGTH).optional();

const metadataSchema = z.object({
  issuer: z.string().max(MAX_URL_LENGTH),
  authorization_endpoint: url,
  token_endpoint: url,
  userinfo_endpoint: url,
  jwks_uri: url,
  scopes_supported: texts,
  code_challenge_methods_supported: texts,
  token_endpoint_auth_methods_supported: texts,
  id_token_signing_alg_values_supported: texts,
  authorization_response_iss_parameter_supported: z.boolean().optional(),
  backchannel_logout_supported: z.boolean().optional(),
});

type Parsed = z.infer<typeof metadataSchema>;

/** The part of a discovery document that Weft uses. */
export type ProviderMetadata = Pick<Parsed, "issuer"> & { readonly [Name in Exclude<keyof Parsed, "issuer">]?: NonNullable<Parsed[Name]> };

/**
 * Returns the part of a discovery document that Weft uses. What has the wrong type is refused: everything here comes from somebody else's server.
 * @param issuer as the administrator has entered it. Endpoints without TLS are accepted only if it has none either
 * @throws ProviderUnusable
 */
export function readMetadata(document: unknown, issuer: string): ProviderMetadata {
  const parsed = metadataSchema.safeParse(document);
  if (!parsed.success) {
    const field = parsed.error.issues[0]?.path[0];
    throw new ProviderUnusable(
      `The discovery document of ${issuer} is not valid: ${String(field ?? "it")} has the wrong type or is too long.`,
    );
  }
  const metadata = Object.fromEntries(Object.entries(parsed.data).filter(([, value]) => value !== undefined)) as ProviderMetadata;
  // Such as Microsoft's "common", whose tokens name another issuer for each organization.
  if (!URL.canParse(metadata.issuer) || new URL(metadata.issuer).href !== new URL(issuer).href)
    throw new ProviderUnusable(`The discovery document of ${issuer} names another issuer. Enter the issuer of your organization.`);
  const protocols = issuer.startsWith("http:") ? ["http:", "https:"] : ["https:"];
  for (const field of ["authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"] as const) {
    const value = metadata[field];
    if (value === undefined) continue;
    if (!URL.canParse(value) || !protocols.includes(new URL(value).protocol))
      throw new ProviderUnusable(`The discovery document of ${issuer} is not valid: ${field} is not a URL with https.`);
  }
  const { searchParams } = new URL(metadata.authorization_endpoint ?? issuer);
  const own = authorizationParameters.find((name) => searchParams.has(name));
  if (own !== undefined)
    throw new ProviderUnusable(`The discovery document of ${issuer} is not valid: authorization_endpoint contains the parameter ${own}.`);
  return metadata;
}
