import { describe, expect, test } from "vitest";
import { createWeftClient, type WeftClientOptions } from "../index.js";

describe("stored operations", () => {
  /** The bodies of requests, and an answer to each. */
  const recorder = () => {
    const sent: { readonly body: Record<string, unknown>; readonly application: unknown }[] = [];
    const record: NonNullable<WeftClientOptions["fetch"]> = (_url, { body, headers }) => {
      sent.push({
        body: JSON.parse(body as string) as Record<string, unknown>,
        application: (headers as Record<string, string>)["weft-application"],
      });
      return Promise.resolve(new Response('{"data":{"me":null}}', { headers: { "content-type": "application/json" } }));
    };
    return { sent, record };
  };

  test("are sent by their IDs, with the application; other texts as they are", async () => {
    const { sent, record } = recorder();
    const stored = { application: "app_1/STAGING", documents: { abc: "{ me { id } }" } };
    const client = createWeftClient({ url: "http://weft.invalid", apiKey: "x", fetch: record, stored });
    await client.query("{ me { id } }");
    await client.query("{ me { name } }");
    expect(sent).toEqual([
      { body: { query: "", documentId: "abc", variables: {} }, application: "app_1/STAGING" },
      { body: { query: "{ me { name } }", variables: {} }, application: "app_1/STAGING" },
    ]);
  });
});
