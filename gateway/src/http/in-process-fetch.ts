import type { FastifyInstance } from "fastify";

/** The part of `fetch` that clients of GraphQL use. */
export type InProcessFetch = (
  url: string | URL,
  init?: { readonly method?: "GET" | "POST"; readonly headers?: Readonly<Record<string, string>>; readonly body?: string },
) => Promise<Response>;

/** `fetch` for the routes of an app, without a socket: every hook, limit and header is that of a request over HTTP. */
export function inProcessFetch(app: FastifyInstance): InProcessFetch {
  return async (url, { method = "GET", headers = {}, body } = {}) => {
    const { host, pathname, search } = new URL(url);
    const answer = await app.inject({
      method,
      url: `${pathname}${search}`,
      headers: { host, ...headers },
      ...(body !== undefined && { payload: body }),
    });
    return new Response(answer.body, {
      status: answer.statusCode,
      headers: { "content-type": String(answer.headers["content-type"] ?? "") },
    });
  };
}
