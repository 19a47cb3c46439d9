import type { FastifyRequest } from "fastify";
import { type Client, clientOf } from "../../field-usage/client.js";

/** Longest user agent that is kept. */
const maxUserAgent = 300;

export const userAgentOf = ({ headers }: Pick<FastifyRequest, "headers">): string | null =>
  headers["user-agent"]?.slice(0, maxUserAgent) ?? null;

/** Returns what a request says about the program that sent it. */
export const programOf = (request: Pick<FastifyRequest, "headers">): { readonly client: Client; readonly userAgent: string | null } => ({
  client: clientOf(request.headers),
  userAgent: userAgentOf(request),
});
