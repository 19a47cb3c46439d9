import { isErrorCode } from "@weft/shared/errors";
import type { GraphQLFormattedError } from "graphql";

export const problemMediaType = "application/problem+json; charset=utf-8";

/** Problem details for HTTP APIs (RFC 9457), with the members of an error of the API beside the standard ones. */
export interface Problem extends Readonly<Record<string, unknown>> {
  /** Where this installation describes the code. */
  readonly type: string;
  /** The code in words: the same for every problem of the type. */
  readonly title: string;
  readonly status: number;
  /** The message. */
  readonly detail: string;
  /** Path of the request. */
  readonly instance: string;
  readonly code: string;
}

/**
 * Returns an error of the API as a problem. All its extensions, such as `problems` and `retryAfter`, are members of it.
 * @param path of the request
 */
export function problemOf(error: GraphQLFormattedError, status: number, path: string): Problem {
  const { code: given, ...extensions } = error.extensions ?? {};
  const code = typeof given === "string" ? given : "BAD_REQUEST";
  return {
    type: isErrorCode(code) ? `/docs/reference/errors#${code.toLowerCase()}` : "about:blank",
    title: titleOf(code),
    status,
    detail: error.message,
    instance: path,
    code,
    ...extensions,
  };
}

/** `BAD_USER_INPUT` → "Bad user input" */
export function titleOf(code: string): string {
  const words = code.replaceAll("_", " ").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
