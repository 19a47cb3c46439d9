import { createHash } from "node:crypto";
import { newId } from "@weft/shared/ids";
import { openLive } from "@weft/testkit/live/live-client";
import { cloneDatabase } from "@weft/testkit/postgres/database";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestGateway, type TestAnswer, type TestGateway, type TestPerson } from "../testing/start-gateway.js";
import { createPersistedQueries } from "./persisted-queries.js";

let weft: TestGateway;
let ada: TestPerson;
beforeAll(async () => {
  weft = await startTestGateway(await cloneDatabase(), { settings: { WEFT_TRUSTED_PROXIES: "127.0.0.1" } });
  ada = await weft.person();
});
afterAll(() => weft.stop());

const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");
const ofHash = (sha256Hash: string, version = 1) => ({ extensions: { persistedQuery: { version, sha256Hash } } });
/** A text that no other test sends. */
const aText = (): string => `query Q${newId().replaceAll("-", "")} { me { name } }`;
const name = { me: { name: "Ada" } };

interface Sent {
  readonly person?: TestPerson | null;
  readonly address?: string;
}
async function send(body: object, { person = ada, address }: Sent = {}): Promise<TestAnswer & { status: number }> {
  const response = await weft.post(body, {
    ...(person && { authorization: `Bearer ${person.token}` }),
    ...(address !== undefined && { "x-forwarded-for": address }),
  });
  return { ...((await response.json()) as TestAnswer), status: response.status };
}
const codeOf = ({ errors }: TestAnswer): unknown => errors?.[0]?.extensions?.["code"];
const isKnown = async (text: string, sent: Sent = {}): Promise<boolean> => {
  const answer = await send(ofHash(hashOf(text)), sent);
  if (codeOf(answer) === "PERSISTED_QUERY_NOT_FOUND") return false;
  expect(answer.errors).toBeUndefined();
  return true;
};

describe("the hash of a text", () => {
  test("is unknown until the text was sent with it, and then stands for it", async () => {
    const text = aText();
    expect(await send(ofHash(hashOf(text)))).toEqual({
      status: 200,
      errors: [
        {
          message: "PersistedQueryNotFound",
          extensions: { code: "PERSISTED_QUERY_NOT_FOUND", isRetryable: false, requestId: expect.any(String) as string },
        },
      ],
    });
    expect(await send({ query: text, ...ofHash(hashOf(text)) })).toEqual({ status: 200, data: name });
    expect(await send(ofHash(hashOf(text)))).toEqual({ status: 200, data: name });
  });

  test("works by GET, with variables in the URL", async () => {
    const text = "query Greeting($name: String) { greeting(name: $name) }";
    const get = async (more: Record<string, string>): Promise<unknown> => {
      const parameters = new URLSearchParams({
        variables: '{"name":"Bob"}',
        extensions: JSON.stringify(ofHash(hashOf(text)).extensions),
        ...more,
      });
      return (await fetch(`${weft.url}/graphql?${parameters.toString()}`, { headers: { "apollo-require-preflight": "1" } })).json();
    };
    expect(codeOf((await get({})) as TestAnswer)).toBe("PERSISTED_QUERY_NOT_FOUND");
    expect(await get({ query: text })).toEqual({ data: { greeting: "hello Bob" } });
    expect(await get({})).toEqual({ data: { greeting: "hello Bob" } });
  });

  test("cannot hide a mutation in a GET", async () => {
    const text = 'mutation { login(password: "x") }';
    await send({ query: text, ...ofHash(hashOf(text)) }, { person: null });
    const parameters = new URLSearchParams({ query: text, extensions: JSON.stringify(ofHash(hashOf(text)).extensions) });
    const response = await fetch(`${weft.url}/graphql?${parameters.toString()}`, { headers: { "apollo-require-preflight": "1" } });
    expect(response.status).toBe(405);
  });

  test("works over WebSocket, where the protocol requires a text, with an empty one", async () => {
    const client = await openLive(weft.url, { token: ada.token });
    const text = aText();
    const ask = async (payload: object): Promise<unknown> => {
      const id = newId();
      client.send({ type: "subscribe", id, payload: { query: "", ...ofHash(hashOf(text)), ...payload } });
      return (await client.message((message) => message.id === id)).payload;
    };
    expect(await ask({})).toMatchObject([{ extensions: { code: "PERSISTED_QUERY_NOT_FOUND" } }]);
    expect(await ask({ query: text })).toEqual({ data: name });
    expect(await ask({})).toEqual({ data: name });
    client.close();
  });

  test("must be that of the text, and is not kept otherwise", async () => {
    const [text, other] = [aText(), aText()];
    expect(await send({ query: other, ...ofHash(hashOf(text)) })).toMatchObject({
      status: 400,
      errors: [{ message: "provided sha does not match query", extensions: { code: "BAD_REQUEST" } }],
    });
    expect(await isKnown(text)).toBe(false);
  });

  test.each([
    ["invalid", "query { me { nothing } }"],
    ["not GraphQL", "query {"],
    ["beyond a limit", `query { ${Array.from({ length: 40 }, (_, n) => `a${n}: greeting`).join(" ")} }`],
    ["a subscription over HTTP", "subscription { requestChanged { cursor } }"],
  ])("of a text that is %s is not kept", async (_what, text) => {
    expect(codeOf(await send({ query: text, ...ofHash(hashOf(text)) }))).toBeDefined();
    expect(await isKnown(text)).toBe(false);
  });

  test("of another kind is not supported, so that clients send the text alone", async () => {
    expect(await send({ query: aText(), ...ofHash("0", 2) })).toMatchObject({
      status: 200,
      errors: [{ message: "PersistedQueryNotSupported", extensions: { code: "PERSISTED_QUERY_NOT_SUPPORTED" } }],
    });
  });

  test("must be a text", async () => {
    const answer = await send({ extensions: { persistedQuery: { version: 1 } } });
    expect([answer.status, codeOf(answer), answer.errors?.[0]?.message]).toEqual([
      400,
      "BAD_REQUEST",
      expect.stringContaining("sha256Hash") as string,
    ]);
  });
});

describe("a text is known", () => {
  test("to all users of the tenant that sent it, and to no other tenant", async () => {
    const text = aText();
    await send({ query: text, ...ofHash(hashOf(text)) });
    const [colleague, stranger] = [await weft.person({ tenantId: ada.tenantId }), await weft.person()];
    expect(await isKnown(text, { person: colleague })).toBe(true);
    expect(await isKnown(text, { person: stranger })).toBe(false);
  });

  test("only to the network that sent it without a login", async () => {
    const text = `query Q${newId().slice(-12)} { greeting }`;
    await send({ query: text, ...ofHash(hashOf(text)) }, { person: null, address: "192.0.2.1" });
    expect(await isKnown(text, { person: null, address: "192.0.2.1" })).toBe(true);
    expect(await isKnown(text, { person: null, address: "192.0.2.2" })).toBe(false);
    expect(await isKnown(text)).toBe(false);
  });
});

describe("a flood of hashes", () => {
  const longText = (n: number): string => `# ${n} ${"x".repeat(19_000)}`;
  const acme = { viewer: { tenantId: newId() }, address: null };
  const globex = { viewer: { tenantId: newId() }, address: null };

  test("evicts only texts of the tenant that sends it", async () => {
    const queries = createPersistedQueries(undefined);
    const text = "query Mine { me { name } }";
    queries.keep(hashOf(text), text, globex);
    queries.keep(hashOf(text), text, acme);
    for (let n = 0; n < 500; n++) queries.keep(hashOf(longText(n)), longText(n), acme);
    expect(await queries.get(hashOf(text), globex)).toBe(text);
    await expect(queries.get(hashOf(text), acme)).rejects.toMatchObject({ message: "PersistedQueryNotFound" });
    expect(await queries.get(hashOf(longText(499)), acme)).toBe(longText(499));
  });

  test("from many networks without a login evicts no text of a tenant", async () => {
    const queries = createPersistedQueries(undefined);
    const text = "query Mine { me { name } }";
    queries.keep(hashOf(text), text, globex);
    for (let n = 0; n < 2_000; n++)
      queries.keep(hashOf(longText(n)), longText(n), { viewer: null, address: `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}` });
    expect(await queries.get(hashOf(text), globex)).toBe(text);
  });

  test("that are not those of their texts keeps nothing", async () => {
    const queries = createPersistedQueries(undefined);
    queries.keep(hashOf("one"), "another", acme);
    await expect(queries.get(hashOf("one"), acme)).rejects.toMatchObject({ message: "PersistedQueryNotFound" });
  });

  test("of texts that are too long keeps nothing", async () => {
    const queries = createPersistedQueries(undefined);
    const text = longText(1).repeat(2);
    queries.keep(hashOf(text), text, acme);
    await expect(queries.get(hashOf(text), acme)).rejects.toMatchObject({ message: "PersistedQueryNotFound" });
  });
});
