import { liveTransports, type OpenOperation } from "@weft/testkit/live/transports";
import { cloneDatabase } from "@weft/testkit/postgres/database";
import { aSecondMs } from "@weft/testkit/until";
import { encodeId } from "@weft/shared/ids";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { startTestGateway } from "../testing/start-gateway.js";
import type { TestGateway, TestPerson } from "../testing/start-gateway.js";

let weft: TestGateway;
beforeAll(async () => {
  weft = await startTestGateway(await cloneDatabase(), { settings: { WEFT_DRAIN_TIMEOUT_MS: 500 } });
});
afterAll(() => weft.stop());

const query = "subscription { requestChanged { cursor request { id } } }";

/** A subscription over each transport. All have got an event. */
async function followEverywhere({ tenantId }: TestPerson, token: string): Promise<Map<string, OpenOperation>> {
  const open = new Map<string, OpenOperation>();
  onTestFinished(() => {
    for (const subscription of open.values()) subscription.close();
  });
  for (const [transport, send] of Object.entries(liveTransports))
    open.set(transport, await send({ url: weft.url, token, body: { query } }));
  const { subjectId } = await weft.emit(tenantId);
  for (const [transport, subscription] of open)
    expect(JSON.stringify(await subscription.first()), transport).toContain(encodeId("request", subjectId));
  return open;
}

const ends: readonly (readonly [what: string, closeCode: number, end: (person: TestPerson) => Promise<unknown>])[] = [
  ["a logout", 4401, ({ sessionId }) => weft.sql`update identity.sessions set revoked_at = now() where id = ${sessionId}`],
  ["the end of the session", 4401, ({ sessionId }) => weft.sql`update identity.sessions set expires_at = now() where id = ${sessionId}`],
  ["the user is deactivated", 4401, ({ userId }) => weft.sql`update identity.users set status = 'DISABLED' where id = ${userId}`],
  [
    "the tenant is suspended",
    4401,
    ({ tenantId }) => weft.sql`update identity.tenants set status = 'SUSPENDED' where tenant_id = ${tenantId}`,
  ],
  [
    "the loss of a role",
    4403,
    ({ userId }) =>
      weft.sql.begin(async (tx) => {
        await tx`delete from identity.user_roles where user_id = ${userId}`;
        await tx`update identity.users set rights_version = rights_version + 1 where id = ${userId}`;
      }),
  ],
];

describe("A33: a subscription ends within a second, with the reason, and nothing follows, over every transport", () => {
  test.each(ends)("after %s", async (_what, closeCode, end) => {
    const person = await weft.person({ permissions: { "request.read": "TENANT" } });
    const open = await followEverywhere(person, person.token);
    await end(person);
    await Promise.all([...open.values()].map((subscription) => subscription.ended(aSecondMs)));
    expect(Object.fromEntries([...open].map(([transport, subscription]) => [transport, subscription.closeCode]))).toEqual(
      Object.fromEntries([...open.keys()].map((transport) => [transport, closeCode])),
    );
    const received = [...open.values()].map(({ results }) => JSON.stringify(results));
    await weft.emit(person.tenantId);
    expect([...open.values()].map(({ results }) => JSON.stringify(results))).toEqual(received);
  });

  test("when the token expires", { tags: "slow" }, async () => {
    const person = await weft.person();
    const open = await followEverywhere(person, await person.sign({ exp: Math.ceil(Date.now() / 1_000 + 1.5) }));
    await Promise.all([...open.values()].map((subscription) => subscription.ended(2_500 + aSecondMs)));
    expect([...open.values()].map(({ closeCode }) => closeCode)).toEqual([...open.keys()].map(() => 4403));
  });

  test("no event after the change is sent, even if the message about the change is lost", async () => {
    const person = await weft.person();
    const open = await followEverywhere(person, person.token);
    await weft.sql`update identity.users set rights_version = rights_version + 1 where id = ${person.userId}`;
    await weft.emit(person.tenantId, { type: "rights.changed", subjectId: person.userId });
    const { subjectId } = await weft.emit(person.tenantId);
    await Promise.all([...open.values()].map((subscription) => subscription.ended(aSecondMs)));
    for (const [transport, { results }] of open) expect(JSON.stringify(results), transport).not.toContain(encodeId("request", subjectId));
  });

  test("it cannot be begun or resumed with the token of an ended session", async () => {
    const person = await weft.person();
    await weft.sql`update identity.sessions set revoked_at = now() where id = ${person.sessionId}`;
    const { WebSocket, ...overHttp } = liveTransports;
    await expect(WebSocket({ url: weft.url, token: person.token, body: { query } })).rejects.toThrow("4401");
    for (const [transport, send] of Object.entries(overHttp)) {
      const refused = await send({ url: weft.url, token: person.token, body: { query } });
      expect(await refused.first(), transport).toMatchObject({ errors: [{ extensions: { code: "UNAUTHENTICATED" } }] });
      await refused.ended();
    }
  });
});
