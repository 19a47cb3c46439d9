import type { OutboundClient } from "@weft/platform/outbound";
import { expect, test } from "vitest";
import type { JsonObject } from "@weft/engine";
import { callHttpTool } from "./http-tool.js";

const text = { type: "string" };

/** Returns the URL that a tool requests. Null: it refuses the arguments. */
async function requested(url: string, args: JsonObject, names: readonly string[] = Object.keys(args)): Promise<string | null> {
  let seen: string | null = null;
  const outbound = {
    request: (request: { readonly url: string }) => {
      seen = request.url;
      return Promise.resolve({ status: 200, headers: {}, body: Buffer.from("ok"), isTruncated: false });
    },
  } as unknown as OutboundClient;
  const parameters = { properties: Object.fromEntries(names.map((name) => [name, text])) };
  const tool = { kind: "HTTP", name: "t", description: "T", approvalRoles: [], method: "GET", url, parameters, secret: null } as const;
  const redact = (one: string): string => one;
  await callHttpTool({ tool, args, token: null, redact, idempotencyKey: "k", outbound, signal: new AbortController().signal });
  return seen;
}

test("values that make a dot segment together cannot leave the path", async () => {
  expect(await requested("https://api.example.com/files/{dir}/.{ext}", { dir: "a", ext: "." })).toBeNull();
  expect(await requested("https://api.example.com/v1/{a}{b}/x", { a: ".", b: "." })).toBeNull();
  expect(await requested("https://api.example.com/files/{dir}/.{ext}", { dir: "a", ext: "txt" })).toBe(
    "https://api.example.com/files/a/.txt",
  );
});

test("arguments cannot change a fixed parameter of the query, and those that the schema does not name are not sent", async () => {
  expect(await requested("https://api.example.com/?status=open", { status: "all" })).toBeNull();
  expect(await requested("https://api.example.com/?status=open", { q: "x", other: "y" }, ["q"])).toBe(
    "https://api.example.com/?status=open&q=x",
  );
});
