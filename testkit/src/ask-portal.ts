import type { ApiResult } from "@weft/standalone";
import type { TestUser } from "./test-user.js";

/** Sends an operation to the endpoint of the vendor portal. Returns the unchanged response, including errors. */
export async function askPortal<T = Record<string, unknown>>(
  { url, token }: TestUser,
  query: string,
  variables: Record<string, unknown> = {},
): Promise<ApiResult<T>> {
  const response = await fetch(new URL("/vendor-portal/graphql", url), {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as ApiResult<T>;
}
