import { once } from "node:events";
import { Agent, type ClientRequest, request } from "node:http";
import { newApiKey } from "@weft/shared/api-keys";
import { newId } from "@weft/shared/ids";
import { cloneDatabase } from "@weft/testkit/postgres/database";
import { openLive } from "@weft/testkit/live/live-client";
import { getIntrospectionQuery } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestGateway } from "../testing/start-gateway.js";
import type { TestAnswer, TestGateway } from "../testing/start-gateway.js";

let weft: TestGateway;
beforeAll(async () => void (weft = await startTestGateway(await cloneDatabase())));
afterAll(() => weft.stop());

const codeOf = ({ errors }: TestAnswer): unknown => errors?.[0]?.extensions?.["code"];

async function sent(body: unknown, headers: Record<string, string> = {}, to = weft): Promise<TestAnswer & { status: number }> {
  const response = await to.post(body, headers);
  return { status: response.status, ...((await response.json()) as TestAnswer) };
}

describe("an operation without a login", () => {
  test("runs if it selects only root fields with a rule that allows everyone", async () => {
    expect(await weft.run("{ greeting }")).toEqual({ data: { greeting: "hello world" } });
    expect(await weft.run("{ __typename again: greeting ...more } fragment more on Query { ... on Query { whoAmI } }")).toMatchObject({
      data: { __typename: "Query", again: "hello world", whoAmI: { viewer: null } },
    });
    expect(await weft.run('mutation { login(password: "a") }')).toEqual({ data: { login: "a" } });
    expect(codeOf(await weft.run("{ __schema { queryType { name } } }"))).toBeUndefined();
  });

  test.each([
    ["plainly", "{ me { name } }"],
    ["alongside a field that needs none", "{ greeting me { name } }"],
    ["under an alias", "{ greeting: me { name } }"],
    ["inside fragments", "{ ...a } fragment a on Query { ... { ...b } } fragment b on Query { me { name } }"],
    ["inside fragments that spread each other", "{ ...a } fragment a on Query { greeting ...b } fragment b on Query { ...a me { name } }"],
    ["where it is skipped", "{ greeting me @skip(if: true) { name } }"],
    ["where it is not included", "query ($is: Boolean = false) { greeting ... @include(if: $is) { me { name } } }"],
    ["with an argument and a field that do not exist", "{ me { nothing(at: all) } }"],
    ["by an unknown name", "{ nothing }"],
    ["as an entity", '{ _entities(representations: [{ __typename: "User" }]) { __typename } }'],
  ])("is refused before validation when it selects any other field: %s", async (_how, query) => {
    const answer = await sent({ query });
    expect(answer).toMatchObject({ status: 401, errors: [{ extensions: { code: "UNAUTHENTICATED" } }] });
    expect(answer.data).toBeUndefined();
  });

  test("is told in one sentence which field requires the login, and how to log in", async () => {
    const { errors } = await weft.run("{ greeting me { name } }");
    expect(errors?.[0]?.message).toBe(
      '"me" requires a login. Call the mutation login, then send its access token as "Authorization: Bearer …".',
    );
    expect(errors?.[0]?.extensions).toMatchObject({ code: "UNAUTHENTICATED", isRetryable: false });
  });

  test("must not be sent with another operation that requires a login: the entire document would be validated", async () => {
    const query = 'query Open { greeting } mutation Login { login(password: "a") }';
    expect(await sent({ query, operationName: "Open" })).toMatchObject({ data: { greeting: "hello world" } });
    expect(codeOf(await sent({ query }))).toBe("OPERATION_RESOLUTION_FAILURE");
    for (const closed of ["query Closed { me { name } }", "subscription Closed { requestChanged { cursor } }"])
      expect(codeOf(await sent({ query: `${query} ${closed}`, operationName: "Open" }))).toBe("UNAUTHENTICATED");
  });

  test.each([
    ["that are never spread", "{ greeting } fragment a on User { name }"],
    ["that are only spread by each other", "{ greeting } fragment a on User { ...b } fragment b on User { ...a }"],
  ])("must not be sent with fragments %s", async (_which, query) => {
    const { errors } = await sent({ query });
    expect(errors).toMatchObject([{ message: 'Fragment "a" is never used.', extensions: { code: "GRAPHQL_VALIDATION_FAILED" } }]);
  });

  test("can use the fragments that its fields spread at any level", async () => {
    const query = "{ __schema { queryType { ...a } } } fragment a on __Type { ... { ...b } } fragment b on __Type { name }";
    expect(await weft.run(query)).toEqual({ data: { __schema: { queryType: { name: "Query" } } } });
  });

  test("is refused in a fraction of the time that planning takes", { tags: "slow" }, async () => {
    const { token } = await weft.person();
    // Texts that are not in any cache.
    const query = (at: number) =>
      `query Q${at} { ${Array.from({ length: 15 }, (_, field) => `f${at}x${field}: requests { edges { node { owner { name } } } }`).join(" ")} }`;
    const cpuMs = async (given: { token?: string }, from: number): Promise<number> => {
      const before = process.cpuUsage();
      for (let at = from; at < from + 30; at++) await weft.run(query(at), given);
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1_000;
    };
    await cpuMs({}, 0);
    const refused = await cpuMs({}, 1_000);
    const planned = await cpuMs({ token }, 2_000);
    expect(refused).toBeLessThan(planned / 2);
  });
});

/** Sends a body in pieces, without announcing its length. */
function chunked(body: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sending = request(`${weft.url}/graphql`, { method: "POST", headers: { "content-type": "application/json" } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sending.on("error", reject);
    for (let at = 0; at < body.length; at += 10_000) sending.write(body.slice(at, at + 10_000));
    sending.end();
  });
}

/** Returns the code with which a socket with an invalid token is closed. */
async function closeCode({ url }: TestGateway): Promise<number> {
  const socket = await openLive(url);
  socket.send({ type: "connection_init", payload: { authorization: "Bearer nonsense" } });
  return socket.closed();
}

describe("a request without a valid token", () => {
  const large = { query: "query ($data: JSON) { echo(data: $data) { a } }", variables: { data: "x".repeat(100_000) } };
  const small = JSON.stringify({ query: "{ greeting }" });

  test("has a lower size limit than a request with a login, whether or not it declares its length", async () => {
    const { token } = await weft.person();
    expect(await sent(large)).toMatchObject({
      status: 413,
      errors: [{ message: "A request without a login can have at most 65536 bytes. Log in, and send the access token with the request." }],
    });
    expect(await chunked(JSON.stringify(large))).toBe(413);
    expect(await chunked(small)).toBe(200);
    expect((await sent(large, { authorization: `Bearer ${token}` })).status).toBe(400);
    expect(await sent(large, { authorization: `Bearer ${token}x` })).toMatchObject({ status: 401 });
  });

  test("is counted by address: above the limit it is RATE_LIMITED, with a login it is not", async () => {
    const settings = { LIMIT_ANONYMOUS_OPERATIONS_PER_MINUTE: 6 };
    const limited = await startTestGateway(await cloneDatabase(), { settings });
    try {
      const person = await limited.person();
      const codes: unknown[] = [];
      for (const headers of [
        {},
        { authorization: "Bearer nonsense" },
        { authorization: `Bearer ${await person.sign({ exp: 1 })}` },
        {},
        {},
      ]) {
        codes.push(codeOf(await sent(small, headers, limited)) ?? "OK");
      }
      expect(codes).toEqual(["OK", "UNAUTHENTICATED", "UNAUTHENTICATED", "OK", "OK"]);
      expect(await closeCode(limited)).toBe(4401);
      expect(await sent(small, {}, limited)).toMatchObject({
        status: 429,
        errors: [{ extensions: { code: "RATE_LIMITED", retryAfter: expect.any(Number) as number } }],
      });
      expect((await sent(small, { authorization: "Bearer nonsense" }, limited)).status).toBe(429);
      expect(await closeCode(limited)).toBe(4429);
      expect((await sent(small, { authorization: `Bearer ${person.token}` }, limited)).status).toBe(200);
    } finally {
      await limited.stop();
    }
  });

  test("is also counted in bytes, and introspection is counted separately: neither limit prevents logins", async () => {
    const settings = { LIMIT_ANONYMOUS_BYTES_PER_MINUTE: 50_000, LIMIT_ANONYMOUS_INTROSPECTIONS_PER_MINUTE: 2 };
    const limited = await startTestGateway(await cloneDatabase(), { settings });
    try {
      const codes: unknown[] = [];
      for (let at = 0; at < 3; at++) codes.push(codeOf(await sent({ query: getIntrospectionQuery() }, {}, limited)) ?? "OK");
      expect(codes).toEqual(["OK", "OK", "RATE_LIMITED"]);
      expect((await sent(small, {}, limited)).status).toBe(200);
      const filling = { query: "{ greeting }", variables: { x: "x".repeat(30_000) } };
      expect((await sent(filling, {}, limited)).status).toBe(200);
      expect(codeOf(await sent(filling, {}, limited))).toBe("RATE_LIMITED");
    } finally {
      await limited.stop();
    }
  });

  test("is counted with the bytes of its query string", async () => {
    const limited = await startTestGateway(await cloneDatabase(), { settings: { LIMIT_ANONYMOUS_BYTES_PER_MINUTE: 25_000 } });
    try {
      const query = `query=${encodeURIComponent("{ greeting }")}&variables=${encodeURIComponent(JSON.stringify({ x: "x".repeat(10_000) }))}`;
      const statuses: number[] = [];
      for (let at = 0; at < 3; at++)
        statuses.push((await fetch(`${limited.url}/graphql?${query}`, { headers: { "content-type": "application/json" } })).status);
      expect(statuses).toEqual([200, 200, 429]);
    } finally {
      await limited.stop();
    }
  });

  test("is told to come back soon while others of its address are under way, and at the end of the minute if they have failed", async () => {
    const limited = await startTestGateway(await cloneDatabase(), { settings: { LIMIT_ANONYMOUS_OPERATIONS_PER_MINUTE: 3 } });
    try {
      const headers = { "content-type": "application/json", "content-length": "100", expect: "100-continue" };
      const [agent, begun] = [new Agent(), [] as ClientRequest[]];
      // The body never comes. Each has reached the server before the next request is sent, which would otherwise take its place.
      for (let index = 0; index < 3; index++) {
        const each = request(`${limited.url}/graphql`, { method: "POST", agent, headers }).on("error", () => undefined);
        begun.push(each);
        const arrived = once(each, "continue");
        each.flushHeaders();
        await arrived;
      }
      const retryAfter = async (): Promise<number> =>
        Number((await limited.post({ query: "{ greeting }" })).headers.get("retry-after") ?? "0");
      await expect.poll(retryAfter, { interval: 50 }).toBe(1);
      agent.destroy();
      for (const each of begun) each.destroy();
      await expect.poll(retryAfter, { interval: 50 }).toBeGreaterThan(30);
    } finally {
      await limited.stop();
    }
  });

  test("with a forged API key is limited like one without, before its body is read", async () => {
    const forged = () => ({ authorization: `Bearer ${newApiKey({ tenantId: newId(), id: newId() }).text}` });
    const limited = await startTestGateway(await cloneDatabase(), { settings: { LIMIT_ANONYMOUS_OPERATIONS_PER_MINUTE: 6 } });
    try {
      const large = { query: "{ greeting }", variables: { x: "x".repeat(100_000) } };
      expect((await sent(large, forged(), limited)).status).toBe(401);
      // Not an operation, so nothing of it is executed.
      const statuses: number[] = [];
      for (let at = 0; at < 6; at++) statuses.push((await sent({}, forged(), limited)).status);
      expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
    } finally {
      await limited.stop();
    }
  });

  test("with a forged API key counts with its bytes", async () => {
    const limited = await startTestGateway(await cloneDatabase(), { settings: { LIMIT_ANONYMOUS_BYTES_PER_MINUTE: 50_000 } });
    try {
      const { text } = newApiKey({ tenantId: newId(), id: newId() });
      const statuses: number[] = [];
      const large = { query: "{ greeting }", variables: { x: "x".repeat(30_000) } };
      for (let at = 0; at < 3; at++) statuses.push((await sent(large, { authorization: `Bearer ${text}` }, limited)).status);
      expect(statuses).toEqual([401, 429, 429]);
    } finally {
      await limited.stop();
    }
  });
});
