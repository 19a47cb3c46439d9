import { errorRegistry, isErrorCode } from "@weft/shared/errors";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { GraphQLFormattedError } from "graphql";
import { z } from "zod";
import { setRetryAfter } from "../http/answer.js";
import { graphqlPath } from "../http/graphql-route.js";
import { HttpRefusal } from "../http/refusal.js";
import { preflightHeader } from "./session-cookies.js";
import type { SessionCookies } from "./session-cookies.js";

const tokens = z.object({
  accessToken: z.string(),
  accessTokenExpiresAt: z.string(),
  refreshToken: z.string(),
  /** Only of a login. */
  deviceToken: z.string().optional(),
  mustEnrolSecondFactor: z.boolean().optional(),
});
type Tokens = z.infer<typeof tokens>;

/** The API checks it. */
const passkey = z.record(z.string(), z.unknown());
const endsWithBrowser = z.boolean().default(false);
const secondStep = z.strictObject({
  mfaToken: z.string(),
  code: z.string().nullish(),
  recoveryCode: z.string().nullish(),
  passkey: passkey.nullish(),
  endsWithBrowser,
});
const onlyStep = z.strictObject({ passkey, tenant: z.string().nullish(), endsWithBrowser });
const firstStep = z.strictObject({ login: z.string(), password: z.string(), tenant: z.string().nullish(), endsWithBrowser });
const directoryStep = z.strictObject({
  tenantId: z.string(),
  providerId: z.string(),
  login: z.string(),
  password: z.string(),
  endsWithBrowser,
});
const providerLogin = z.strictObject({ code: z.string(), codeVerifier: z.string(), endsWithBrowser });
const otherLogin = z.strictObject({ refreshToken: z.string(), endsWithBrowser });

const tokenFields = "accessToken accessTokenExpiresAt refreshToken";
const loginFields = `${tokenFields} deviceToken mustEnrolSecondFactor`;
const login = `mutation CookieLogin($input: LoginInput!) { session: login(input: $input) { ${loginFields} } }`;
const loginWithPasskey = `mutation CookieLoginWithPasskey($input: LoginWithPasskeyInput!) { session: loginWithPasskey(input: $input) { ${loginFields} } }`;
const loginWithDirectory = `mutation CookieLoginWithDirectory($input: LoginWithDirectoryInput!) { session: loginWithDirectory(input: $input) { ${loginFields} } }`;
const completeLogin = `mutation CookieCompleteLogin($input: CompleteLoginInput!) { session: completeLogin(input: $input) { ${loginFields} } }`;
const completeSingleSignOn = `mutation CookieSingleSignOn($input: CompleteSingleSignOnInput!) { session: completeSingleSignOn(input: $input) { ${loginFields} } }`;
const refresh = `mutation CookieRefresh($input: RefreshSessionInput!) { session: refreshSession(input: $input) { ${tokenFields} } }`;
const beginnings = [
  { schema: firstStep, query: login, takesDevice: true },
  { schema: onlyStep, query: loginWithPasskey, takesDevice: true },
  { schema: directoryStep, query: loginWithDirectory, takesDevice: true },
  { schema: secondStep, query: completeLogin, takesDevice: false },
  { schema: providerLogin, query: completeSingleSignOn, takesDevice: false },
  { schema: otherLogin, query: refresh, takesDevice: false },
] as const;
const logout = "mutation CookieLogout { session: logout { sessionId } }";
/** The operations that these routes send. */
export const sessionOperations: readonly string[] = [...beginnings.map(({ query }) => query), logout];

/** The answer of the API to one of the operations above. */
type Outcome = { readonly session: unknown } | { readonly errors: readonly GraphQLFormattedError[]; readonly status: number };

/**
 * `POST /session`, `/session/refresh` and `/session/logout`: log in, renew and log out with cookies that scripts cannot read. If no page can
 * use cookies, there are none of these paths. They call the API with the caller's address, so that every limit and every rule of the API holds.
 */
export function sessionRoutes(app: FastifyInstance, { cookies }: { readonly cookies: SessionCookies }): void {
  if (!cookies.isEnabled) return;
  const route = (path: string, handle: (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>): void => {
    app.post(path, { bodyLimit: 16_384 }, async (request, reply) => {
      void reply.header("cache-control", "no-store");
      if (!cookies.isOwnRequest(request.headers))
        throw new HttpRefusal(
          403,
          `Sessions with cookies are for Weft's own pages (WEFT_PUBLIC_URL) and those of WEFT_COOKIE_ORIGINS, which send the header ${preflightHeader}.`,
        );
      return handle(request, reply);
    });
  };

  const keep = (reply: FastifyReply, outcome: Outcome, lasting: { readonly endsWithBrowser: boolean }): FastifyReply => {
    if ("errors" in outcome) return refuse(reply, outcome);
    const kept = tokens.parse(outcome.session);
    const { accessTokenExpiresAt, mustEnrolSecondFactor } = kept;
    return reply
      .header("set-cookie", cookies.keeping({ ...kept, endsWithBrowser: lasting.endsWithBrowser }))
      .send({ accessTokenExpiresAt, mustEnrolSecondFactor });
  };

  route("/session", async (request, reply) => {
    const begun = beginningOf(request.body, cookies.tokensOf(request.headers).device);
    if (begun === null)
      throw new HttpRefusal(
        400,
        "Send { login, password, tenant }, { mfaToken, and code, recoveryCode or passkey }, { passkey, tenant }, { tenantId, providerId, login, password }, { code, codeVerifier }, or { refreshToken } as JSON, each with endsWithBrowser or without.",
      );
    // Whatever tokens the cookies of the request have: a new session must not depend on what somebody else may have put there.
    return keep(reply, await callApi(app, request, begun.query, { input: begun.input }), begun);
  });

  route("/session/refresh", async (request, reply) => {
    const { refresh: refreshToken = "", ...kept } = cookies.tokensOf(request.headers);
    const outcome = await callApi(app, request, refresh, { input: { refreshToken } });
    if (isLoggedOut(outcome)) void reply.header("set-cookie", cookies.clearing());
    return keep(reply, outcome, kept);
  });

  route("/session/logout", async (request, reply) => {
    const { access, refresh: refreshToken } = cookies.tokensOf(request.headers);
    let outcome = access === undefined ? null : await callApi(app, request, logout, {}, access);
    if ((!outcome || isLoggedOut(outcome)) && refreshToken !== undefined) {
      // The access token has expired, but the session has not ended.
      const renewed = await callApi(app, request, refresh, { input: { refreshToken } });
      outcome = "session" in renewed ? await callApi(app, request, logout, {}, (renewed.session as Tokens).accessToken) : renewed;
    }
    void reply.header("set-cookie", cookies.clearing());
    // A session that is already over is not an error. One that could not be ended is.
    return outcome && "errors" in outcome && !isLoggedOut(outcome) ? refuse(reply, outcome) : reply.code(204).send();
  });
}

/** Returns the operation that begins a session. Null for any other body. @param deviceToken counts only for the user to whom it was issued */
function beginningOf(
  body: unknown,
  deviceToken: string | undefined,
): { readonly query: string; readonly input: object; readonly endsWithBrowser: boolean } | null {
  for (const { schema, query, takesDevice } of beginnings) {
    const { success, data } = schema.safeParse(body);
    if (!success) continue;
    const { endsWithBrowser, ...input } = data;
    return { query, input: takesDevice ? { ...input, deviceToken } : input, endsWithBrowser };
  }
  return null;
}

const isLoggedOut = (outcome: Outcome): boolean =>
  "errors" in outcome && outcome.errors.some(({ extensions }) => extensions?.["code"] === "UNAUTHENTICATED");

function refuse(reply: FastifyReply, { errors, status }: Extract<Outcome, { errors: unknown }>): FastifyReply {
  const code = errors[0]?.extensions?.["code"];
  setRetryAfter(reply, errors);
  return reply.code(isErrorCode(code) ? errorRegistry[code].httpStatus : status).send({ errors });
}

/** Runs an operation as if the caller had sent it to the API without cookies. */
async function callApi(
  app: FastifyInstance,
  { ip, id, headers }: FastifyRequest,
  query: string,
  variables: object,
  accessToken?: string,
): Promise<Outcome> {
  const { host = "", origin, "user-agent": userAgent } = headers;
  const answer = await app.inject({
    method: "POST",
    url: graphqlPath,
    remoteAddress: ip,
    headers: {
      host,
      "content-type": "application/json",
      "x-request-id": id,
      ...(origin !== undefined && { origin }),
      ...(userAgent !== undefined && { "user-agent": userAgent }),
      ...(accessToken !== undefined && { authorization: `Bearer ${accessToken}` }),
    },
    payload: { query, variables },
  });
  const { data, errors } = answer.json<{ data?: { session?: unknown } | null; errors?: readonly GraphQLFormattedError[] }>();
  if (errors && errors.length > 0) return { errors, status: answer.statusCode < 400 ? 400 : answer.statusCode };
  return { session: data?.session };
}
