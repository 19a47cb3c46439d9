/** A request that is refused before it is processed as GraphQL. The message is shown to the client. */
export class HttpRefusal extends Error {
  readonly statusCode: number;

  constructor(statusCode: number, message: string) {
    super(message);
    this.name = "HttpRefusal";
    this.statusCode = statusCode;
  }
}

/** Returns an error as a refusal if Fastify refused the request itself, such as a body that is too large: its message is safe to show. Others are unchanged. */
export function asRefusal(error: unknown): unknown {
  const { statusCode, message } = error as { readonly statusCode?: unknown; readonly message?: unknown };
  return typeof statusCode === "number" && statusCode < 500 ? new HttpRefusal(statusCode, String(message)) : error;
}
