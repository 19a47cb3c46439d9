import { errorRegistry, isErrorCode } from "@weft/shared/errors";
import type { Config } from "@weft/platform/config";
import type { IncomingHttpHeaders } from "node:http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Executor, Operation, OperationResult } from "../executor.js";
import { HttpRefusal } from "../http/refusal.js";
import { withinRequest } from "../http/requests/within-request.js";
import type { Anonymous } from "../limits/anonymous.js";
import { cookieOf, loginCookie } from "./login-cookie.js";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Whether pages of other sites send forms here, so that the origin of a request says nothing. */
    readonly isFormOfOthers?: boolean;
  }
}

export interface SingleSignOnRoutesOptions {
  readonly config: Config;
  readonly executor: Pick<Executor, "execute">;
  readonly anonymous: Pick<Anonymous, "count" | "assertAllowed">;
}

interface ProviderRoute {
  readonly Params: { readonly tenant: string; readonly provider: string };
  readonly Querystring: Readonly<Record<string, unknown>>;
  readonly Body: URLSearchParams | undefined;
}

const path = "/sso/:tenant/:provider";
const maxLogoutBytes = 20_000;
/** A response of SAML in a form: base64, whose signs are escaped, of 150 kB of XML. */
const maxResponseBytes = 300_000;

const start =
  "mutation StartSingleSignOn($input: StartSingleSignOnInput!) { result: startSingleSignOn(input: $input) { authorizationUrl browserToken state expiresInSeconds } }";
const receive =
  "mutation ReceiveSingleSignOn($input: ReceiveSingleSignOnInput!) { result: receiveSingleSignOn(input: $input) { redirectUrl } }";
const receiveSaml =
  "mutation ReceiveSamlResponse($input: ReceiveSamlResponseInput!) { result: receiveSamlResponse(input: $input) { redirectUrl } }";
const metadata = "query SamlMetadata($url: String!) { result: samlMetadata(url: $url) }";
const logout = "mutation ReceiveLogoutToken($input: ReceiveLogoutTokenInput!) { result: receiveLogoutToken(input: $input) { isAccepted } }";

/**
 * The HTTP side of single sign-on, for browsers and identity providers: `GET /sso/<tenant>/<provider>/start`, `GET …/callback`,
 * `POST …/back-channel-logout`, and for SAML `POST …/acs` and `GET …/metadata`. Each is an operation of the API; the routes translate redirects, the cookie
 * and the forms.
 */
export function singleSignOnRoutes(app: FastifyInstance, options: SingleSignOnRoutesOptions): void {
  startRoute(app, options);
  callbackRoute(app, options);
  logoutRoute(app, options);
  acsRoute(app, options);
  metadataRoute(app, options);
}

function startRoute(app: FastifyInstance, options: SingleSignOnRoutesOptions): void {
  const { publicUrl } = options.config.mail;
  app.get<ProviderRoute>(`${path}/start`, { exposeHeadRoute: false }, async (request, reply) => {
    assertNavigation(request.headers);
    const { redirect_url: redirectUrl = "", code_challenge: codeChallenge = "", state = null, prompt } = textsOf(request.query);
    const input = { ...idsOf(request), redirectUrl, codeChallenge, state, isReauthentication: prompt === "login" };
    const result = await run<{ authorizationUrl: string; browserToken: string; state: string; expiresInSeconds: number }>(
      options,
      request,
      { query: start, variables: { input } },
    );
    if ("errors" in result) return explain(reply, result);
    const { authorizationUrl, browserToken, expiresInSeconds } = result.data;
    const { name, attributes } = loginCookie(publicUrl, result.data.state);
    return reply
      .header("set-cookie", `${name}=${browserToken}; Max-Age=${expiresInSeconds}; ${attributes}`)
      .header("cache-control", "no-store")
      .redirect(authorizationUrl, 303);
  });
}

function callbackRoute(app: FastifyInstance, options: SingleSignOnRoutesOptions): void {
  const { publicUrl } = options.config.mail;
  app.get<ProviderRoute>(`${path}/callback`, { exposeHeadRoute: false }, async (request, reply) => {
    assertNavigation(request.headers);
    const { searchParams } = new URL(request.url, "http://gateway.invalid");
    const { name, attributes } = loginCookie(publicUrl, searchParams.get("state") ?? "");
    const browserToken = cookieOf(request.headers.cookie, name);
    // Not a login of this browser. It costs nothing and counts for nobody: other pages can make browsers request this.
    if (browserToken === undefined) return explain(reply, { status: 401, errors: "This login is no longer valid. Start it again." });
    // Only what is refused counts: the login was counted when it began, and when single sign-on is required, a whole office logs in at once.
    await options.anonymous.assertAllowed(request.ip);
    const input = { url: `${publicUrl}${request.url}`, browserToken };
    const result = await execute<{ redirectUrl: string }>(options, request, { query: receive, variables: { input }, isInternal: true });
    if ("errors" in result) {
      await options.anonymous.count(request.ip, request.url.length);
      return explain(reply, result);
    }
    return reply
      .header("set-cookie", `${name}=; Max-Age=0; ${attributes}`)
      .header("cache-control", "no-store")
      .redirect(result.data.redirectUrl, 303);
  });
}

/** Answers as OpenID Connect Back-Channel Logout 1.0, section 2.8, says. */
function logoutRoute(app: FastifyInstance, options: SingleSignOnRoutesOptions): void {
  formRoute(app, { step: "back-channel-logout", maxBytes: maxLogoutBytes }, async (request, reply) => {
    void reply.header("cache-control", "no-store");
    const [logoutToken, ...others] = request.body?.getAll("logout_token") ?? [];
    if (logoutToken === undefined || others.length > 0) throw new HttpRefusal(400, "Send one logout_token.");
    // Only what is refused counts. A provider logs out the users of many tenants from one address, all of them at once in an emergency.
    await options.anonymous.assertAllowed(request.ip);
    const input = { ...idsOf(request), logoutToken };
    const result = await execute(options, request, { query: logout, variables: { input }, isInternal: true });
    if (!("errors" in result)) return reply.code(200).send();
    await options.anonymous.count(request.ip, logoutToken.length);
    // A provider that does not exist is an invalid request, too.
    return reply.code(result.status === 404 ? 400 : result.status).send({ error: "invalid_request", error_description: result.errors });
  });
}

/**
 * Takes responses of SAML (HTTP-POST binding). The provider's page makes the browser send them, so there is no cookie (SameSite=Lax). The browser is sent on
 * to the callback, where it has one.
 */
function acsRoute(app: FastifyInstance, options: SingleSignOnRoutesOptions): void {
  formRoute(app, { step: "acs", maxBytes: maxResponseBytes }, async (request, reply) => {
    assertNavigation(request.headers);
    const [samlResponse, ...others] = request.body?.getAll("SAMLResponse") ?? [];
    if (samlResponse === undefined || others.length > 0) throw new HttpRefusal(400, "Send one SAMLResponse.");
    // Only what is refused counts, as at the callback.
    await options.anonymous.assertAllowed(request.ip);
    const input = { ...idsOf(request), samlResponse };
    const result = await execute<{ redirectUrl: string }>(options, request, { query: receiveSaml, variables: { input }, isInternal: true });
    if ("errors" in result) {
      await options.anonymous.count(request.ip, samlResponse.length);
      return explain(reply, result);
    }
    return reply.header("cache-control", "no-store").redirect(result.data.redirectUrl, 303);
  });
}

function metadataRoute(app: FastifyInstance, options: SingleSignOnRoutesOptions): void {
  const { publicUrl } = options.config.mail;
  app.get<ProviderRoute>(`${path}/metadata`, { exposeHeadRoute: false }, async (request, reply) => {
    const result = await run<string>(options, request, { query: metadata, variables: { url: `${publicUrl}${request.url}` } });
    if ("errors" in result) return explain(reply, result);
    return reply
      .header("content-type", "application/samlmetadata+xml; charset=utf-8")
      .header("cache-control", "no-store")
      .send(result.data);
  });
}

/** Adds a route that takes forms. The rest of the gateway takes none. */
function formRoute(
  app: FastifyInstance,
  { step, maxBytes }: { readonly step: string; readonly maxBytes: number },
  handle: (request: FastifyRequest<ProviderRoute>, reply: FastifyReply) => Promise<FastifyReply>,
): void {
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("application/x-www-form-urlencoded", { parseAs: "string", bodyLimit: maxBytes }, (_request, body, done) =>
      done(null, new URLSearchParams(String(body))),
    );
    scope.post<ProviderRoute>(`${path}/${step}`, { bodyLimit: maxBytes, config: { isFormOfOthers: true } }, handle);
  });
}

/**
 * Refuses what a page makes a browser request without its user going there: images, scripts, frames, fetches. Otherwise any page could begin logins and use
 * up the limits of everybody at the address. Browsers say so (Fetch Metadata).
 */
function assertNavigation({ "sec-fetch-dest": destination }: IncomingHttpHeaders): void {
  if (destination !== undefined && destination !== "document")
    throw new HttpRefusal(403, "Logins are pages of their own. They cannot be part of another page.");
}

const idsOf = ({ params }: FastifyRequest<ProviderRoute>) => ({ tenantId: params.tenant, providerId: params.provider });

/** Returns the parameters that occur once. */
const textsOf = (query: Readonly<Record<string, unknown>>): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(Object.entries(query).flatMap(([name, value]) => (typeof value === "string" ? [[name, value] as const] : [])));

interface Failure {
  readonly status: number;
  /** For the reader of the page. */
  readonly errors: string;
}

/** Runs an operation in the name of nobody. Every request counts for its address. @throws RateLimited */
async function run<Payload>(
  options: SingleSignOnRoutesOptions,
  request: FastifyRequest<ProviderRoute>,
  operation: Operation,
): Promise<{ readonly data: Payload } | Failure> {
  await options.anonymous.count(request.ip, request.url.length);
  return execute<Payload>(options, request, operation);
}

async function execute<Payload>(
  { config, executor }: SingleSignOnRoutesOptions,
  request: FastifyRequest<ProviderRoute>,
  operation: Operation,
): Promise<{ readonly data: Payload } | Failure> {
  const result = await withinRequest(request, { viewer: null, timeoutMs: config.requestTimeoutMs }, (context) =>
    executor.execute(operation, context),
  );
  return payloadOf<Payload>(result);
}

function payloadOf<Payload>({ data, errors = [] }: OperationResult): { readonly data: Payload } | Failure {
  const [error] = errors;
  const payload = data?.["result"];
  if (error === undefined && payload !== undefined && payload !== null) return { data: payload as Payload };
  if (error === undefined) return { status: 404, errors: "There is no such identity provider." };
  const code = error.extensions?.["code"];
  const problems = error.extensions?.["problems"] as readonly { readonly message: string }[] | undefined;
  const messages = problems?.map(({ message }) => message) ?? [error.message];
  return { status: isErrorCode(code) ? errorRegistry[code].httpStatus : 400, errors: messages.join(" ") };
}

/** Shows an error to the user whose browser is here. There is no application to return to. */
const explain = (reply: FastifyReply, { status, errors }: Failure): FastifyReply =>
  reply.code(status).header("content-type", "text/plain; charset=utf-8").header("cache-control", "no-store").send(errors);
