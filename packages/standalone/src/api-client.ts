import type { InProcessFetch } from "@weft/gateway";

/** A GraphQL error as the API sends it. */
export interface ApiError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: { readonly code?: string; readonly [key: string]: unknown };
}

export interface ApiResult<T = Record<string, unknown>> {
  readonly data?: T | null;
  readonly errors?: readonly ApiError[];
}

/** The API refused or failed an operation that had to succeed. */
export class ApiRequestError extends Error {
  override readonly name = "ApiRequestError";
  constructor(readonly errors: readonly ApiError[]) {
    super(errors.map((error) => `${error.extensions?.code ?? "ERROR"}: ${error.message}`).join("; "));
  }
}

/** Sends operations to a running Weft, as one user or as nobody: over HTTP, or in its own process by `Gateway.fetch`. */
export class ApiClient {
  readonly #fetch: InProcessFetch;

  constructor(
    readonly url: string,
    readonly accessToken?: string,
    send: InProcessFetch = fetch,
  ) {
    this.#fetch = send;
  }

  /** A client of the user who has this access token, of the same Weft. */
  as(accessToken: string): ApiClient {
    return new ApiClient(this.url, accessToken, this.#fetch);
  }

  /** The answer as it came, errors included. */
  async send<T = Record<string, unknown>>(query: string, variables: Record<string, unknown> = {}): Promise<ApiResult<T>> {
    const response = await this.#fetch(new URL("/graphql", this.url), {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(this.accessToken === undefined ? {} : { authorization: `Bearer ${this.accessToken}` }),
      },
      body: JSON.stringify({ query, variables }),
    });
    return (await response.json()) as ApiResult<T>;
  }

  /** The data. Throws ApiRequestError when there is any error. */
  async run<T = Record<string, unknown>>(query: string, variables: Record<string, unknown> = {}): Promise<T> {
    const { data, errors } = await this.send<T>(query, variables);
    if (errors !== undefined && errors.length > 0) throw new ApiRequestError(errors);
    if (data === undefined || data === null) throw new Error("The API answered without data and without an error.");
    return data;
  }
}
