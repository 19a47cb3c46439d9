/**
 * Request headers that pages of allowed origins can send: those of GraphQL clients (Apollo Client, urql, Relay, and common additions), of tracing,
 * and of error reporting. If a client's header is missing here, its preflight fails before the gateway receives the request. None of them affects the
 * caller's identity, except `authorization`.
 */
export const allowedHeaders = [
  "accept",
  "authorization",
  "content-type",
  "cache-control",
  "range",
  "if-range",
  "if-none-match",
  // The REST API
  "if-match",
  "idempotency-key",
  // Live over HTTP
  "last-event-id",
  "x-graphql-event-stream-token",
  "x-request-id",
  "x-requested-with",
  // Apollo Client, Apollo Sandbox, Apollo Kotlin, and Apollo iOS
  "apollo-require-preflight",
  "apollographql-client-name",
  "apollographql-client-version",
  "x-apollo-operation-name",
  "x-apollo-operation-id",
  "x-apollo-operation-type",
  // What a client is: the application whose operations are stored, or a name
  "weft-application",
  "weft-consistency",
  "weft-consistency-token",
  "graphql-client-name",
  "graphql-client-version",
  // Asks for the cost of the operation
  "graphql-cost",
  // Headers that other clients use to force a preflight
  "graphql-preflight",
  "graphql-require-preflight",
  // W3C Trace Context and Sentry
  "traceparent",
  "tracestate",
  "baggage",
  "sentry-trace",
] as const;

/** Response headers that pages can read in addition to the safelisted ones. */
export const exposedHeaders = [
  "x-request-id",
  "retry-after",
  "ratelimit",
  "ratelimit-policy",
  "content-disposition",
  "content-range",
  "etag",
  "link",
  "location",
  "weft-incomplete",
  "weft-consistency-token",
] as const;
