/** `POST /oauth/token` (RFC 6749): access tokens for API keys, renewed sessions and, if the installation allows it, logins. */
import { readApiKey } from "@weft/shared/api-keys";
import { RateLimited, TenantSuspended } from "@weft/shared/errors";
import { encodeId } from "@weft/shared/ids";
import type { Config, Keys } from "@weft/platform/config";
import { accessTokenSeconds, issueAccessToken } from "@weft/platform/tokens";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { GraphqlRouteOptions } from "../http/graphql-route.js";
import { originRefusal } from "../http/origins/origins.js";
import { countRequest } from "../http/requests/counted.js";
import { withinRequest } from "../http/requests/within-request.js";
import { runOperation } from "../operations.js";
import { apiKeyRefused } from "../viewer/api-key.js";
import { OAuthRefusal, refusalOf } from "./oauth-refusal.js";
import { assertNoClient, clientCredentials, parseForm, required } from "./token-request.js";
import type { ClientCredentials, TokenParameters } from "./token-request.js";

export interface TokenRouteOptions extends GraphqlRouteOptions {
  readonly config: Config;
  readonly keys: Keys;
}

/** Path of the token endpoint. */
export const tokenPath = "/oauth/token";

const largestBody = 8_192;
const formType = /^application\/x-www-form-urlencoded\s*(?:;\s*charset=(?:utf-8|"utf-8")\s*)?$/i;

interface Tokens {
  readonly access_token: string;
  readonly token_type: "Bearer";
  readonly expires_in: number;
  readonly refresh_token?: string;
}

/** Every request counts like one without a login, before its body is read, so that secrets cannot be guessed. */
export function tokenRoute(app: FastifyInstance, options: TokenRouteOptions): void {
  const { anonymous, pace, isOriginAllowed } = options;
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "string", bodyLimit: largestBody }, (request, body, done) => {
      const isForm = formType.test(request.headers["content-type"] ?? "") && request.headers["content-encoding"] === undefined;
      if (isForm) done(null, body);
      else done(new OAuthRefusal("invalid_request", "Send the parameters as application/x-www-form-urlencoded, uncompressed."));
    });
    scope.setErrorHandler(async (error, request, reply) => {
      const known = refusalOf(error, "invalid_grant") ?? refusalOfBody(error);
      if (known === null) request.log.error({ err: error }, "a token request failed unexpectedly");
      const refusal = known ?? new OAuthRefusal("server_error", "An internal error occurred.", { status: 500 });
      const failure = { message: refusal.message, extensions: { code: refusal.apiCode } };
      record(request, reply, options, failure);
      await pace.hold(request.ip, { body: { errors: [failure] } });
      return refuse(reply, refusal);
    });
    scope.addHook("onRequest", async (request, reply) => {
      const { headers } = request;
      // A form is sent without asking the server first (CORS), so any page could have its visitors guess passwords.
      if (!isOriginAllowed(headers.origin, headers.host))
        throw new OAuthRefusal("invalid_request", originRefusal(headers.origin), { status: 403 });
      await countRequest({ request, reply }, anonymous, Math.min(bytesOf(request), largestBody));
    });
    scope.post(tokenPath, { bodyLimit: largestBody }, async (request, reply) => {
      const tokens = await tokensFor(request, parseForm(typeof request.body === "string" ? request.body : ""), options);
      record(request, reply, options);
      return reply.headers(notStored).send(tokens);
    });
    scope.route({
      method: ["GET", "HEAD", "PUT", "PATCH", "DELETE"],
      url: tokenPath,
      handler: async (_request, reply) => {
        void reply.header("allow", "POST");
        throw new OAuthRefusal("invalid_request", "Send the parameters with POST.", { status: 405 });
      },
    });
  });
}

/** Counts and logs an answered request, without its credentials. Metrics count floods; logging each refusal of them would add to the load. */
function record(
  request: FastifyRequest,
  { elapsedTime: durationMs }: FastifyReply,
  { metrics, logOperation }: TokenRouteOptions,
  error?: { readonly message: string; readonly extensions: { readonly code: string } },
): void {
  const code = error?.extensions.code ?? "OK";
  metrics.operation({ transport: "http", code, seconds: durationMs / 1_000 });
  const answered = {
    transport: "http",
    requestId: request.id,
    operationName: "oauthToken",
    document: undefined,
    viewer: null,
    address: request.ip,
  } as const;
  logOperation({ ...answered, durationMs, error }, code === "RATE_LIMITED" ? "debug" : "info");
}

const notStored = { "cache-control": "no-store", pragma: "no-cache" };
const bytesOf = ({ headers }: FastifyRequest): number => Number(headers["content-length"] ?? largestBody) || 0;

/** Fastify's own refusals, such as a body that is too large. */
function refusalOfBody(error: unknown): OAuthRefusal | null {
  const status = (error as { statusCode?: unknown }).statusCode;
  return typeof status === "number" && status < 500 ? new OAuthRefusal("invalid_request", (error as Error).message, { status }) : null;
}

function refuse(reply: FastifyReply, { code, description, status, retryAfter }: OAuthRefusal): FastifyReply {
  if (status === 401) void reply.header("www-authenticate", 'Basic realm="weft", charset="UTF-8"');
  if (retryAfter !== undefined && Number.isFinite(retryAfter)) void reply.header("retry-after", String(retryAfter));
  return reply.code(status).headers(notStored).send({ error: code, error_description: description });
}

async function tokensFor(request: FastifyRequest, parameters: TokenParameters, options: TokenRouteOptions): Promise<Tokens> {
  if (parameters.has("scope")) throw new OAuthRefusal("invalid_scope", "Omit scope: a token has the permissions of its API key or user.");
  const grant = required(parameters, "grant_type");
  switch (grant) {
    case "client_credentials":
      return tokenOfKey(request, clientCredentials(request.headers.authorization, parameters), options);
    case "refresh_token": {
      assertNoClient(request.headers.authorization, parameters);
      const refreshToken = required(parameters, "refresh_token");
      const mutation =
        "mutation Refresh($token: String!) { session: refreshSession(input: { refreshToken: $token }) { accessToken accessTokenExpiresAt refreshToken } }";
      return sessionOf(request, mutation, { token: refreshToken }, options);
    }
    case "password": {
      if (options.config.oauthPasswordGrant !== "on") break;
      assertNoClient(request.headers.authorization, parameters);
      const variables = {
        login: required(parameters, "username"),
        password: required(parameters, "password"),
        // Not part of the standard: for login names of several organizations.
        tenant: parameters.get("tenant") ?? null,
      };
      const mutation =
        "mutation LogIn($login: String!, $password: String!, $tenant: String) { session: login(input: { login: $login, password: $password, tenant: $tenant }) { accessToken accessTokenExpiresAt refreshToken } }";
      return sessionOf(request, mutation, variables, options);
    }
  }
  throw new OAuthRefusal("unsupported_grant_type", "The grant type is not supported. Use client_credentials or refresh_token.");
}

/** Issues a token that is valid as long as the API key, its secret, and fifteen minutes. */
async function tokenOfKey(request: FastifyRequest, client: ClientCredentials, { authenticate, keys }: TokenRouteOptions): Promise<Tokens> {
  try {
    const key = readApiKey(client.secret);
    if (key === null || encodeId("apiKey", key.id) !== client.id) throw apiKeyRefused();
    const claims = await authenticate.claimsOf(`Bearer ${client.secret}`);
    if (claims?.secretId === undefined) throw apiKeyRefused();
    const { viewer, claims: valid } = await authenticate.viewerOf(claims, request.ip);
    const issuedAtSeconds = Math.floor(Date.now() / 1_000);
    const seconds = Math.min(accessTokenSeconds, Math.floor(valid.expiresAt) - issuedAtSeconds);
    if (seconds <= 0) throw apiKeyRefused();
    const { tenantId, userId, sessionId } = viewer;
    const apiKey = { secretId: claims.secretId, seconds };
    const { accessToken } = await issueAccessToken(keys.access, { tenantId, userId, sessionId, issuedAtSeconds, apiKey });
    return { access_token: accessToken, token_type: "Bearer", expires_in: seconds };
  } catch (error) {
    throw refusalOf(error, "invalid_client") ?? error;
  }
}

interface Session {
  readonly accessToken: string;
  readonly accessTokenExpiresAt: string;
  readonly refreshToken: string;
}

/** Runs a mutation that opens or renews a session, exactly as a client would. */
async function sessionOf(
  request: FastifyRequest,
  query: string,
  variables: Readonly<Record<string, unknown>>,
  options: TokenRouteOptions,
): Promise<Tokens> {
  const { data, errors } = await withinRequest(request, { viewer: null, timeoutMs: options.requestTimeoutMs }, (context) =>
    runOperation(options.executor, options, { query, variables }, context),
  );
  const session = data?.["session"] as Session | null | undefined;
  if (!session?.accessToken) throw refusalOfAnswer(errors?.[0]);
  const seconds = Math.max(0, Math.floor((Date.parse(session.accessTokenExpiresAt) - Date.now()) / 1_000));
  return { access_token: session.accessToken, token_type: "Bearer", expires_in: seconds, refresh_token: session.refreshToken };
}

/** Whether the password is right for users of several organizations. */
const isTenantMissing = ({ problems }: Readonly<Record<string, unknown>>): boolean =>
  Array.isArray(problems) && problems.some(({ path }: { readonly path?: unknown }) => path === "input.tenant");

/**
 * Returns the refusal for the error of a mutation. Texts of ours stand in for messages, which can repeat the input. Without an error and without a
 * session, the login needs a further step, such as a second factor, which this grant does not have.
 */
function refusalOfAnswer(error: { readonly message: string; readonly extensions?: Readonly<Record<string, unknown>> } | undefined): Error {
  if (error === undefined) return new OAuthRefusal("invalid_grant", "The login needs another step. Use the mutation login.");
  const { message, extensions = {} } = error;
  switch (extensions["code"]) {
    case "RATE_LIMITED":
      return new RateLimited({ retryAfter: Number(extensions["retryAfter"]) || 1 }, message);
    case "TENANT_SUSPENDED":
      return new TenantSuspended();
    case "BAD_USER_INPUT":
      if (isTenantMissing(extensions)) return new OAuthRefusal("invalid_grant", "Send tenant: several organizations have this login name.");
      return new OAuthRefusal("invalid_grant", "The credentials are not valid.");
    case "UNAUTHENTICATED":
      return new OAuthRefusal("invalid_grant", "The credentials are not valid.");
    case "MFA_REQUIRED":
    case "PASSWORD_CHANGE_REQUIRED":
      return new OAuthRefusal("invalid_grant", "The login needs another step. Use the mutation login.");
    case "CONFLICT":
    case "FORBIDDEN":
    case "LIMIT_EXCEEDED":
      return new OAuthRefusal("invalid_grant", "The session cannot be opened or renewed. The mutation login gives the reason.");
    case "SERVICE_UNAVAILABLE":
      return new OAuthRefusal("temporarily_unavailable", "The service is temporarily unavailable.", { status: 503, retryAfter: 5 });
    default:
      return new Error(`A token request got ${String(extensions["code"])}.`);
  }
}
