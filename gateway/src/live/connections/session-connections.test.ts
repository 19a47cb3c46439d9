import { newId } from "@weft/shared/ids";
import { openBareDatabase } from "@weft/testkit/postgres/bare-database";
import type { BareDatabase } from "@weft/testkit/postgres/bare-database";
import { until } from "@weft/testkit/until";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SessionConnections } from "./session-connections.js";

let bare: BareDatabase;
beforeAll(async () => {
  bare = await openBareDatabase();
});
afterAll(() => bare.close());

const warnings: unknown[] = [];
const log = { debug: () => undefined, warn: (entry: unknown) => void warnings.push(entry) };
const gateway = (more: { repeatMs?: number } = {}) =>
  new SessionConnections({ app: bare.databases.app, log, collectForMs: 10, repeatMs: 3_600_000, ...more });

async function aSession() {
  const { tenantId, actorId } = await bare.tenant();
  const sessionId = newId();
  await bare.owner`insert into identity.users (tenant_id, id, type, email, username, name) values (${tenantId}, ${actorId}, 'EMPLOYEE', ${`${actorId}@live.example`}, ${actorId}, 'N')`;
  await bare.owner`insert into identity.sessions (tenant_id, id, user_id, expires_at) values (${tenantId}, ${sessionId}, ${actorId}, now() + interval '1 day')`;
  const counts = async () =>
    (await bare.owner`select connection_count as n from identity.session_connections where session_id = ${sessionId} order by 1`).map(
      ({ n }) => Number(n),
    );
  const shows = (...expected: number[]) =>
    until(async () => JSON.stringify(await counts()) === JSON.stringify(expected), { what: `the counts are ${expected.join()}` });
  return { viewer: { tenantId, sessionId, apiKey: null, operatorId: null }, counts, shows };
}

test("each gateway reports its own sockets, and takes them back when it stops, also those that are still open", async () => {
  const { viewer, shows } = await aSession();
  const [one, other] = [gateway(), gateway()];
  const close = one.opened(viewer);
  one.opened(viewer);
  other.opened(viewer);
  await shows(1, 2);
  close();
  close();
  await shows(1, 1);
  await one.stop();
  await shows(1);
  await other.stop();
  await shows();
  const reports = await bare.owner`select 1 from identity.gateway_reports where tenant_id = ${viewer.tenantId}`;
  expect(reports).toHaveLength(0);
});

test("what a gateway has reported counts for a time, which it repeats, and it comes back if it was deleted", async () => {
  const { viewer, shows } = await aSession();
  const one = gateway({ repeatMs: 20 });
  one.opened(viewer);
  await shows(1);
  await bare.owner`delete from identity.gateway_reports where tenant_id = ${viewer.tenantId}`;
  await shows(1);
  await bare.owner`update identity.gateway_reports set expires_at = now() where tenant_id = ${viewer.tenantId}`;
  const isFresh = async () =>
    (
      await bare.owner`select 1 from identity.gateway_reports where tenant_id = ${viewer.tenantId} and expires_at > now() + interval '1 minute'`
    ).length === 1;
  await until(isFresh, { what: "the report counts again" });
  await one.stop();
});

test("a repeated report does not write, nor lock, the sessions that have not changed", async () => {
  const { viewer, shows } = await aSession();
  const one = gateway({ repeatMs: 20 });
  one.opened(viewer);
  await shows(1);
  const row = () =>
    bare.owner`select xmin::text, xmax::text, ctid::text from identity.session_connections where session_id = ${viewer.sessionId}`;
  const report = async () =>
    String((await bare.owner`select xmin from identity.gateway_reports where tenant_id = ${viewer.tenantId}`)[0]?.["xmin"]);
  const before = await row();
  for (let repeats = 0, last = await report(); repeats < 3; repeats++) {
    await until(async () => (await report()) !== last, { what: "the gateway has repeated its report" });
    last = await report();
  }
  expect(await row()).toEqual(before);
  one.opened(viewer);
  await shows(2);
  await one.stop();
});

test("a report that waits delays neither those of other tenants nor the end of the gateway, and a failed one is repeated", async () => {
  const [slow, other] = [await aSession(), await aSession()];
  const one = gateway();
  const close = one.opened(slow.viewer);
  await slow.shows(1);
  const gate = await bare.owner.reserve();
  try {
    await gate`begin`;
    await gate`select 1 from identity.gateway_reports where tenant_id = ${slow.viewer.tenantId} for update`;
    one.opened(slow.viewer);
    one.opened(other.viewer);
    await other.shows(1);
    one.opened(other.viewer);
    await other.shows(2);
    expect(await slow.counts()).toEqual([1]);
  } finally {
    await gate`commit`;
    gate.release();
  }
  await slow.shows(2);
  close();
  await slow.shows(1);
  await bare.owner`alter table identity.session_connections add constraint refused check (connection_count < 5) not valid`;
  for (let more = 0; more < 4; more++) one.opened(slow.viewer);
  await until(() => Promise.resolve(warnings.length > 0), { what: "the failures are logged" });
  await bare.owner`alter table identity.session_connections drop constraint refused`;
  await slow.shows(5);
  await one.stop();
  await slow.shows();
});

test("sockets of API keys and of platform operators are not reported, nor those of a session that no longer exists", async () => {
  const { viewer, counts, shows } = await aSession();
  const one = gateway();
  one.opened({ ...viewer, apiKey: { id: viewer.sessionId, operationsPerMinute: null } });
  one.opened({ ...viewer, operatorId: newId() });
  one.opened({ ...viewer, sessionId: newId() });
  await until(async () => (await bare.owner`select 1 from identity.gateway_reports where tenant_id = ${viewer.tenantId}`).length === 1, {
    what: "the gateway has reported",
  });
  expect(await counts()).toEqual([]);
  one.opened(viewer);
  await shows(1);
  await one.stop();
});
