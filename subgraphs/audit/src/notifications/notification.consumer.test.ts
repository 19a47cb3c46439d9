import { newId } from "@weft/shared/ids";
import { asTenant } from "@weft/platform/db";
import { appendEvents, readEvents, startRelay } from "@weft/platform/events";
import { createLogger } from "@weft/platform/logging";
import { inProcessPubSub } from "@weft/platform/pubsub";
import { openBareDatabase, type BareDatabase } from "@weft/testkit/postgres/bare-database";
import { afterAll, beforeAll, expect, test } from "vitest";
import { notificationConsumer } from "./notification.consumer.js";

let bare: BareDatabase;
const silent = { info: () => undefined, error: () => undefined };

beforeAll(async () => {
  bare = await openBareDatabase();
});
afterAll(() => bare.close());

test("notifies thousands of users with a role about a task", { tags: "slow" }, async () => {
  const meta = await bare.tenant();
  const [{ tenantId }, roleId, people] = [meta, newId(), 7_000];
  await bare.owner`insert into identity.roles (tenant_id, id, key, name) values (${tenantId}, ${roleId}, 'everybody', 'Everybody')`;
  await bare.owner`insert into identity.role_ancestors values (${tenantId}, ${roleId}, ${roleId})`;
  await bare.owner`insert into identity.users (tenant_id, id, email, username, name)
    select ${tenantId}, gen_random_uuid(), n || '@example.com', 'u' || n, 'Somebody' from generate_series(1, ${people}::int) n`;
  await bare.owner`insert into identity.user_roles select tenant_id, id, ${roleId}::uuid from identity.users where tenant_id = ${tenantId}`;
  const [taskId, instanceId] = [newId(), newId()];
  await asTenant(bare.databases.app, { tenantId }, "write", (tx) =>
    appendEvents(tx, meta, [
      {
        type: "task.opened",
        subjectId: taskId,
        subjectVersion: 1,
        related: { instance: instanceId },
        payload: {
          taskId,
          instanceId,
          title: "Read the new rules",
          status: "OPEN",
          candidateRoles: ["everybody"],
          candidateUserIds: [],
          candidateTeamIds: [],
          candidateVendorIds: [],
          assigneeId: null,
        },
      },
    ]),
  );
  expect(await handledEvents(tenantId)).toBe(1);
  const [row] = await bare.owner`select count(*)::int as count from audit.notifications where tenant_id = ${tenantId}`;
  expect(row?.["count"]).toBe(people);
});

test("notifies nobody of a milestone whose event is from before such events had a payload", async () => {
  const meta = await bare.tenant();
  const { tenantId } = meta;
  await asTenant(bare.databases.app, { tenantId }, "write", (tx) =>
    appendEvents(tx, meta, [{ type: "milestone.reached", subjectId: newId(), subjectVersion: 3, related: {}, payload: {} }]),
  );
  expect(await handledEvents(tenantId)).toBe(1);
  const [row] = await bare.owner`select count(*)::int as count from audit.notifications where tenant_id = ${tenantId}`;
  expect(row?.["count"]).toBe(0);
});

/** Gives all events of the tenant to the consumer, and returns their number. */
async function handledEvents(tenantId: string): Promise<number> {
  const relay = await startRelay({ databases: bare.databases, pubsub: inProcessPubSub(), consumers: [], log: silent });
  await relay.idle();
  await relay.stop();
  const consumer = notificationConsumer({
    databases: bare.databases,
    keyring: bare.keyring,
    pubsub: inProcessPubSub(),
    sendsMail: true,
    log: createLogger({ logLevel: "fatal" }),
  });
  return asTenant(bare.databases.app, { tenantId }, "write", async (tx) => {
    const events = await readEvents(tx, { afterPosition: 0, limit: 10 });
    for (const event of events) await consumer.handle(tx, event);
    return events.length;
  });
}
