import { quote } from "@weft/shared/errors";
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { problemMediaType, problemOf } from "../rest/problem.js";
import { restPath } from "../rest/rest-routes.js";
import { answerToFailure, mediaTypeOf } from "./answer.js";
import type { CommonHeaders } from "./common-headers.js";
import { HttpRefusal } from "./refusal.js";

/** Longest part of a path that stands for a parameter. Tokens in links to files are longer than parameters usually are. */
export const maxParamLength = 200;

const messages: Readonly<Record<string, string>> = {
  FST_ERR_BAD_URL: "is not valid. Encode each character of its parts in UTF-8, for example a percent sign as %25.",
  FST_ERR_MAX_PARAM_LENGTH: `has a part that is longer than ${maxParamLength} characters. No object has such an ID.`,
};

/**
 * Returns a handler for requests that Fastify refuses before it has found a route, and so before all hooks: they are answered as any others, under the
 * path of the REST API with a problem.
 */
export function frameworkErrors(
  setCommonHeaders: CommonHeaders,
): (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => void {
  return (error, request, reply) => {
    const [path = ""] = request.url.split("?");
    const message = messages[error.code];
    const refusal = message === undefined ? error : new HttpRefusal(error.statusCode ?? 400, `The path ${quote(path)} ${message}`);
    const { unexpected, status, body } = answerToFailure(refusal, request.id);
    if (unexpected !== undefined) request.log.error({ err: unexpected }, "a request failed unexpectedly");
    const [answer] = body.errors ?? [];
    const isRest = answer !== undefined && path.startsWith(`${restPath}/`);
    setCommonHeaders(request, reply);
    void reply
      .code(status)
      .header("content-type", isRest ? problemMediaType : mediaTypeOf(request.headers.accept))
      .header("cache-control", "no-store")
      .send(JSON.stringify(isRest ? problemOf(answer, status, path) : body));
  };
}
