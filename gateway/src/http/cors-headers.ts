/**
 * Request headers that pages of allowed origins can send: those of GraphQL clients (Apollo Client, urql, Relay and what people add to
 * them), of tracing and of error reporting. A client whose header is missing here fails its preflight before we hear of it. None has an
 * effect on who is calling except `authorization`.
 */
export const allowedHeaders = [
  "accept",
  "authorization",
  "content-type",
  "cache-control",
  "x-request-id",
  "x-requested-with",
  // Apollo Client, Apollo Sandbox, Apollo Kotlin and iOS
  "apollo-require-preflight",
  "apollographql-client-name",
  "apollographql-client-version",
  "x-apollo-operation-name",
  "x-apollo-operation-id",
  "x-apollo-operation-type",
  // Other clients' ways to force a preflight
  "graphql-preflight",
  "graphql-require-preflight",
  // W3C Trace Context, and Sentry's
  "traceparent",
  "tracestate",
  "baggage",
  "sentry-trace",
] as const;

/** Headers of answers that pages can read, besides those that every page can. */
export const exposedHeaders = ["x-request-id", "retry-after"] as const;
