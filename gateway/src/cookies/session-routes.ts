import { errorRegistry, isErrorCode } from "@weft/shared";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { graphqlPath } from "../http/graphql-route.js";
import { HttpRefusal } from "../http/refusal.js";
import { preflightHeader } from "./session-cookies.js";
import type { SessionCookies } from "./session-cookies.js";

const tokens = z.object({ accessToken: z.string(), accessTokenExpiresAt: z.string(), refreshToken: z.string() });
type Tokens = z.infer<typeof tokens>;

const beginning = z.union([
  z.strictObject({ refreshToken: z.string() }),
  z.strictObject({ login: z.string(), password: z.string(), tenant: z.string().nullish() }),
]);

const tokenFields = "accessToken accessTokenExpiresAt refreshToken";
const login = `mutation CookieLogin($input: LoginInput!) { session: login(input: $input) { ${tokenFields} } }`;
const refresh = `mutation CookieRefresh($input: RefreshSessionInput!) { session: refreshSession(input: $input) { ${tokenFields} } }`;
const logout = "mutation CookieLogout { session: logout { sessionId } }";

interface GraphqlError {
  readonly extensions?: { readonly code?: string };
}

/** The answer of the API to one of the operations above. */
type Outcome = { readonly session: unknown } | { readonly errors: readonly GraphqlError[]; readonly status: number };

/**
 * `POST /session`, `/session/refresh` and `/session/logout`: log in, renew and log out with cookies that scripts cannot read. They call the API with the
 * caller's address, so that every limit and every rule of the API holds.
 */
export function sessionRoutes(app: FastifyInstance, { cookies }: { readonly cookies: SessionCookies }): void {
  const route = (path: string, handle: (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>): void => {
    app.post(path, { bodyLimit: 16_384 }, async (request, reply) => {
      void reply.header("cache-control", "no-store");
      if (!cookies.isOwnRequest(request.headers))
        throw new HttpRefusal(
          403,
          `Sessions with cookies are for pages of this host and of WEFT_CORS_ORIGINS, which send the header ${preflightHeader}.`,
        );
      return handle(request, reply);
    });
  };

  const keep = (reply: FastifyReply, outcome: Outcome): FastifyReply => {
    if ("errors" in outcome) return refuse(reply, outcome);
    const kept = tokens.safeParse(outcome.session);
    if (!kept.success)
      throw new HttpRefusal(409, "This login is not complete. Complete it with the API, and send the refresh token to /session.");
    return reply.header("set-cookie", cookies.keeping(kept.data)).send({ accessTokenExpiresAt: kept.data.accessTokenExpiresAt });
  };

  route("/session", async (request, reply) => {
    const input = beginning.safeParse(request.body);
    if (!input.success) throw new HttpRefusal(400, "Send { login, password, tenant } or { refreshToken } as JSON.");
    // Whatever cookies the request has: a new session must not depend on what somebody else may have put there.
    return keep(reply, await callApi(app, request, "refreshToken" in input.data ? refresh : login, { input: input.data }));
  });

  route("/session/refresh", async (request, reply) => {
    const { refresh: refreshToken = "" } = cookies.tokensOf(request.headers);
    const outcome = await callApi(app, request, refresh, { input: { refreshToken } });
    if (isLoggedOut(outcome)) void reply.header("set-cookie", cookies.clearing());
    return keep(reply, outcome);
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

const isLoggedOut = (outcome: Outcome): boolean =>
  "errors" in outcome && outcome.errors.some(({ extensions }) => extensions?.code === "UNAUTHENTICATED");

function refuse(reply: FastifyReply, { errors, status }: Extract<Outcome, { errors: unknown }>): FastifyReply {
  const code = errors[0]?.extensions?.code;
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
  const { data, errors } = answer.json<{ data?: { session?: unknown } | null; errors?: readonly GraphqlError[] }>();
  if (errors && errors.length > 0) return { errors, status: answer.statusCode < 400 ? 400 : answer.statusCode };
  return { session: data?.session };
}
