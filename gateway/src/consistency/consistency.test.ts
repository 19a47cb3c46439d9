import { type DatabasePosition, DatabasePositions, readsRequiredSince, textOfPosition } from "@weft/platform/consistency";
import { setTimeout as delay } from "node:timers/promises";
import { encodeCursor } from "@weft/api/pages";
import { newId } from "@weft/shared/ids";
import { openLive } from "@weft/testkit/live/live-client";
import { cloneDatabase } from "@weft/testkit/postgres/database";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { startTestGateway } from "../testing/start-gateway.js";
import type { TestAnswer, TestGateway, TestPerson } from "../testing/start-gateway.js";
import { Consistency } from "./consistency.js";
import { consistencyTokens } from "./tokens.js";

let weft: TestGateway;
beforeAll(async () => {
  weft = await startTestGateway(await cloneDatabase(), { settings: { WEFT_CONSISTENCY_WAIT_MS: 400 } });
});
afterAll(() => weft.stop());

interface Asked {
  readonly query?: string;
  readonly consistency?: unknown;
  readonly headers?: Record<string, string>;
}

async function ask({ token }: Pick<TestPerson, "token">, { query = "{ greeting }", consistency, headers }: Asked = {}): Promise<Response> {
  return weft.post(
    { query, ...(consistency !== undefined && { extensions: { consistency } }) },
    { authorization: `Bearer ${token}`, ...headers },
  );
}
const answerOf = async (response: Response): Promise<TestAnswer> => (await response.json()) as TestAnswer;
const tokenIn = ({ extensions }: TestAnswer): string => String((extensions?.["consistency"] as { token?: string } | undefined)?.token);

/** Returns a token of what is committed now. */
const tokenNow = async (person: TestPerson): Promise<string> =>
  tokenIn(await answerOf(await ask(person, { consistency: { returnToken: true } })));

const current = (): Promise<DatabasePosition> => new DatabasePositions(weft.services.databases.app).current();
const tokenAt = (tenantId: string, position: DatabasePosition): string => consistencyTokens(weft.keys).encode(tenantId, position);

/** Counts the statements of the gateway that read the position of the database. */
function countedPositions(): () => number {
  let count = 0;
  const { app } = weft.services.databases;
  app.onStatement = (text) => void (text.startsWith("/* readDatabasePosition */") && count++);
  onTestFinished(() => void (app.onStatement = undefined));
  return () => count;
}

describe("a token in an answer", () => {
  test("is returned if the extensions or the header ask for it, and otherwise costs no statement", async () => {
    const person = await weft.person();
    const positions = countedPositions();
    expect(await answerOf(await ask(person))).toEqual({ data: { greeting: "hello world" } });
    expect(positions()).toBe(0);
    for (const asked of [{ consistency: { returnToken: true } }, { headers: { "weft-consistency": "return" } }]) {
      const answer = await answerOf(await ask(person, asked));
      expect(answer).toEqual({
        data: { greeting: "hello world" },
        extensions: { consistency: { token: expect.stringMatching(/^[\w-]{40,200}$/) as unknown } },
      });
    }
    expect(positions()).toBe(2);
  });

  test("is returned by mutations too, and by operations of which a part failed", async () => {
    const person = await weft.person();
    const renamed = await ask(person, { query: 'mutation { rename(name: "x") }', consistency: { returnToken: true } });
    expect(tokenIn(await answerOf(renamed))).toMatch(/^[\w-]{40,}$/);
    const failed = await ask(person, { query: "{ troubles { number reason } }", consistency: { returnToken: true } });
    expect(tokenIn(await answerOf(failed))).toMatch(/^[\w-]{40,}$/);
  });

  test("is not returned without a login, or with a document that is refused", async () => {
    expect(await answerOf(await weft.post({ query: "{ greeting }" }, { "weft-consistency": "return" }))).toEqual({
      data: { greeting: "hello world" },
    });
    const refused = await answerOf(await ask(await weft.person(), { query: "{ nothing }", consistency: { returnToken: true } }));
    expect(refused.extensions).toBeUndefined();
  });
});

test("an answer whose token is late is returned without it", async () => {
  const { tenantId } = await weft.person();
  const { app } = weft.services.databases;
  const silent = Object.create(app, { statement: { value: () => new Promise(() => undefined) } }) as typeof app;
  const consistency = new Consistency({ keys: weft.keys, database: silent, log: weft.services.log, waitMs: 400 });
  const result = { status: 200, data: { greeting: "hello" } };
  const startedAt = performance.now();
  expect(await consistency.withToken(result, tenantId, { deadline: startedAt + 700 })).toEqual(result);
  expect(performance.now() - startedAt).toBeLessThan(690);
});

describe("an operation with a token", () => {
  test.each(["extension", "header"])("is not answered with rights that were read before the token's state (%s)", async (where) => {
    for (let round = 0; round < 5; round++) {
      const person = await weft.person({ permissions: { "role.update": "TENANT" } });
      expect((await weft.run("{ onlyRoleEditors }", { token: person.token })).data).toEqual({ onlyRoleEditors: "you may" });
      // Nothing announces this change: a viewer that was read before stays in the cache for half a second.
      await weft.sql`delete from identity.role_permissions where tenant_id = ${person.tenantId}`;
      const after = tokenAt(person.tenantId, await current());
      const given = where === "header" ? { headers: { "weft-consistency-token": after } } : { consistency: { after } };
      const { errors } = await answerOf(await ask(person, { query: "{ onlyRoleEditors }", ...given }));
      expect(errors?.[0]?.extensions?.["code"]).toBe("FORBIDDEN");
    }
  });

  test("reads no position if a newer one is known, and loads the viewer no more than once", async () => {
    const person = await weft.person();
    const after = await tokenNow(person);
    const positions = countedPositions();
    let viewers = 0;
    const { auth } = weft.services.databases;
    auth.onStatement = (text) => void (text.includes("loadViewers") && viewers++);
    onTestFinished(() => void (auth.onStatement = undefined));
    const startedAt = performance.now();
    for (let turn = 0; turn < 5; turn++) expect((await ask(person, { consistency: { after } })).status).toBe(200);
    expect(positions()).toBe(0);
    // Once for the token, and as often as any viewer in use.
    expect(viewers).toBeLessThanOrEqual(1 + Math.ceil((performance.now() - startedAt) / 300));
  });

  test("is refused without being executed if the database does not reach the token's state in time", async () => {
    const person = await weft.person();
    const position = await current();
    const after = tokenAt(person.tenantId, { ...position, lsn: position.lsn + 10_000_000_000n });
    const startedAt = performance.now();
    const response = await ask(person, { query: 'mutation { rename(name: "x") }', consistency: { after } });
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(399);
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "1"]);
    const { data, errors } = await answerOf(response);
    expect(data).toBeUndefined();
    expect(errors?.[0]?.extensions).toMatchObject({ code: "CONSISTENCY_TIMEOUT", isRetryable: true, retryAfter: 1 });
  });

  test("is answered as soon as the database reaches the token's state", async () => {
    const person = await weft.person();
    const position = await current();
    // More than what the database writes by itself in this time.
    const after = tokenAt(person.tenantId, { ...position, lsn: position.lsn + 4_000_000n });
    const asked = ask(person, { consistency: { after } });
    expect(await Promise.race([asked, delay(60, "waiting")])).toBe("waiting");
    await weft.sql`select pg_logical_emit_message(true, 'test', repeat('x', 4000000))`;
    expect((await asked).status).toBe(200);
  });

  test.each([
    ["before", (older: string, newer: string) => [older, newer]],
    ["after", (older: string, newer: string) => [newer, older]],
  ])("passes the newest position on, also if an older token stands %s it", async (_where, inOrder) => {
    const { tenantId } = await weft.person();
    const consistency = new Consistency({ keys: weft.keys, database: weft.services.databases.app, log: weft.services.log, waitMs: 400 });
    const older = await current();
    await weft.emit(tenantId);
    const newer = await current();
    expect(newer.xmax).toBeGreaterThan(older.xmax);
    const tokens = inOrder(tokenAt(tenantId, older), tokenAt(tenantId, newer));
    const after = tokens.map((token) => ({ token, path: "" }));
    const reached = await consistency.reach({ after, returnsToken: false }, tenantId, { signal: AbortSignal.timeout(5_000) });
    expect(reached?.minPosition).toBe(textOfPosition(newer));
    expect(reached?.since).toBe(readsRequiredSince(tenantId));
  });

  test("is answered if the tenant has moved to another database since", async () => {
    const person = await weft.person();
    const after = tokenAt(person.tenantId, { ...(await current()), database: "1", lsn: 2n ** 60n });
    expect((await ask(person, { consistency: { after } })).status).toBe(200);
  });

  test.each([
    ["is malformed", () => "nonsense"],
    ["is of another organization", async () => tokenNow(await weft.person())],
    [
      "was edited",
      async ({ tenantId }: TestPerson) => tokenAt(tenantId, await current()).replace(/.$/, (last) => (last === "A" ? "Q" : "A")),
    ],
    [
      "is a cursor",
      ({ tenantId }: TestPerson) => encodeCursor({ key: weft.keys.cursor, tenantId, list: "consistency 1" }, [newId(), newId(), newId()]),
    ],
    ["contains no position", async ({ tenantId }: TestPerson) => tokenAt(tenantId, { ...(await current()), database: "x" })],
    ["is too long", ({ tenantId }: TestPerson) => `${tenantId}${"A".repeat(2_000)}`],
  ])("is refused if the token %s, always with the same words", async (_what, tokenFor) => {
    const person = await weft.person();
    const after = await tokenFor(person);
    const { errors } = await answerOf(await ask(person, { consistency: { after } }));
    expect(errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "extensions.consistency.after" }] });
    expect(errors?.[0]?.message).toContain("is not a valid consistency token of your organization.");
    const byHeader = await ask(person, { headers: { "weft-consistency-token": after } });
    expect(byHeader.status).toBe(400);
    expect((await answerOf(byHeader)).errors?.[0]?.extensions).toMatchObject({ problems: [{ path: "Weft-Consistency-Token" }] });
  });

  test("is refused without a login, and after the session has ended, whatever else is wrong", async () => {
    const after = await tokenNow(await weft.person());
    const anonymous = await answerOf(await weft.post({ query: "{ greeting }", extensions: { consistency: { after } } }));
    expect(anonymous.errors?.[0]?.extensions?.["code"]).toBe("UNAUTHENTICATED");
    const ended = await weft.person();
    await weft.sql`update identity.sessions set revoked_at = now() where id = ${ended.sessionId}`;
    const response = await ask(ended, { headers: { "weft-consistency": "strong" } });
    expect(response.status).toBe(401);
  });

  test("is slowed down when it is one of many that are refused because of their tokens", async () => {
    const slow = await startTestGateway(await cloneDatabase(), { settings: { LIMIT_REFUSALS_PER_SECOND: 10 } });
    onTestFinished(() => slow.stop());
    const { token } = await slow.person();
    const startedAt = performance.now();
    const refused = await Promise.all(
      Array.from({ length: 14 }, () =>
        slow.post({ query: "{ greeting }", extensions: { consistency: { after: "nonsense" } } }, { authorization: `Bearer ${token}` }),
      ),
    );
    expect(refused.map(({ status }) => status)).toEqual(Array(14).fill(400));
    // Ten at once, and four more at ten per second.
    expect(performance.now() - startedAt).toBeGreaterThan(390);
  });

  test("is slowed down over a socket, too", async () => {
    const slow = await startTestGateway(await cloneDatabase(), { settings: { LIMIT_REFUSALS_PER_SECOND: 10 } });
    onTestFinished(() => slow.stop());
    const { token } = await slow.person();
    const socket = await openLive(slow.url, { token });
    const ids = Array.from({ length: 14 }, (_, at) => `${at}`);
    const startedAt = performance.now();
    const payload = { query: "{ greeting }", extensions: { consistency: { after: "nonsense" } } };
    for (const id of ids) socket.send({ type: "subscribe", id, payload });
    for (const id of ids)
      expect(await socket.message((message) => message.id === id)).toMatchObject({
        type: "error",
        payload: [{ extensions: { code: "BAD_USER_INPUT" } }],
      });
    expect(performance.now() - startedAt).toBeGreaterThan(390);
    socket.close();
  });

  test.each([
    ["extensions.consistency", { consistency: { token: "x" } }],
    ["extensions.consistency", { consistency: "return" }],
    ["Weft-Consistency", { headers: { "weft-consistency": "strong" } }],
  ])("is refused if %s says something unknown", async (path, asked: Asked) => {
    const { errors } = await answerOf(await ask(await weft.person(), asked));
    expect(errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path }] });
  });
});
