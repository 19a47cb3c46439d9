import type { InProcessFetch } from "@weft/gateway";

/** A GraphQL error as sent by the API. */
export interface ApiError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: { readonly code?: string; readonly [key: string]: unknown };
}

export interface ApiResult<T = Record<string, unknown>> {
  readonly data?: T | null;
  readonly errors?: readonly ApiError[];
}

/** The API refused or failed an operation that was expected to succeed. */
export class ApiRequestError extends Error {
  override readonly name = "ApiRequestError";
  constructor(readonly errors: readonly ApiError[]) {
    super(errors.map((error) => `${error.extensions?.code ?? "ERROR"}: ${error.message}`).join("; "));
  }
}

/** Sends operations to a running Weft, as a user or anonymously: over HTTP, or in its own process with `Gateway.fetch`. */
export class ApiClient {
  readonly #fetch: InProcessFetch;

  constructor(
    readonly url: string,
    readonly accessToken?: string,
    send: InProcessFetch = fetch,
  ) {
    this.#fetch = send;
  }

  /** Returns a client for the user with this access token, on the same Weft. */
  as(accessToken: string): ApiClient {
    return new ApiClient(this.url, accessToken, this.#fetch);
  }

  /** Returns the unchanged response, including errors. */
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

  /** Returns the data. Throws ApiRequestError if there are any errors. */
  async run<T = Record<string, unknown>>(query: string, variables: Record<string, unknown> = {}): Promise<T> {
    const { data, errors } = await this.send<T>(query, variables);
    if (errors !== undefined && errors.length > 0) throw new ApiRequestError(errors);
    if (data === undefined || data === null) throw new Error("The API returned neither data nor errors.");
    return data;
  }

  /** Uploads a file. @returns its ID */
  async upload(name: string, content: string | Uint8Array<ArrayBuffer>, type = "text/plain"): Promise<string> {
    const { createUpload } = await this.run<{ createUpload: { file: { id: string }; url: string } }>(
      "mutation Upload($input: CreateUploadInput!) { createUpload(input: $input) { file { id } url } }",
      { input: { name, size: Buffer.byteLength(content), type } },
    );
    const headers = { "content-type": type };
    const response = await this.#fetch(new URL(createUpload.url, this.url), { method: "PUT", headers, body: content });
    if (!response.ok) throw new Error(`The upload of ${name} was refused with ${response.status}: ${await response.text()}`);
    return createUpload.file.id;
  }
}
