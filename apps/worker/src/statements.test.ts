import { notificationConsumer } from "@weft/audit";
import { jobIncident } from "@weft/engine";
import { ServiceUnavailable } from "@weft/shared/errors";
import { newId } from "@weft/shared/ids";
import { startSealer, writeAudit } from "@weft/platform/audit";
import { asTenant, type Databases, openDatabases } from "@weft/platform/db";
import { type AnyNewEvent, appendEvents, type EventConsumer, startRelay } from "@weft/platform/events";
import { createLogger } from "@weft/platform/logging";
import { inProcessPubSub } from "@weft/platform/pubsub";
import { openBareDatabase, type BareDatabase } from "@weft/testkit/postgres/bare-database";
import { anEngineTenant, type EngineTenant } from "@weft/testkit/tenants/engine-tenant";
import { statisticsConsumer } from "@weft/workflows";
import { countPages } from "@weft/testkit/cost/fetched-pages";
import { afterAll, beforeAll, expect, test } from "vitest";

/**
 * Every statement of the relay, the sealer, and the event consumers, with the maximum number of pages of one execution. A batch has 500 events, 100 for a
 * consumer, or 500 audit entries. On a new installation, no table has statistics, and cached plans were made when the tables were empty. The number of
 * pages must not grow with the history even then.
 */
const maxPages: Readonly<Record<string, number>> = {
  // Leadership of the relay and the sealer.
  allowLongTerm: 0,
  takeLeadership: 0,
  keepLeadership: 0,
  // The relay. Numbering an event takes about 14 pages: it leaves the outbox, enters two indexes, and is looked up. The largest batch has 360 events.
  findTenantsToRelay: 60,
  lockPositions: 10,
  insertPositions: 20,
  takeBatch: 5_400,
  passOver: 60,
  findHeads: 10,
  // Consumers. `readEvents` looks up the events since the cursor, at most 500, because their types are in the log.
  findTenantsBehind: 40,
  isAnyConsumerBehind: 40,
  lockCursor: 30,
  insertCursor: 50,
  countAttempt: 20,
  countRetry: 15,
  forgiveAttempt: 15,
  headOfActiveTenant: 20,
  headPosition: 10,
  readEvents: 2_600,
  moveCursor: 20,
  insertParked: 30,
  parkedAgain: 25,
  finishParked: 25,
  // Stops an instance after a failed job.
  lockInstance: 50,
  findInstance: 50,
  applyWrite: 200,
  // The consumer of notifications, for two recipients.
  findInstanceOwner: 30,
  membersOfRole: 50,
  membersOfTeam: 15,
  usersOfVendor: 15,
  // With the rights of each watcher.
  watchersOf: 75,
  usersWhoCanSee: 25,
  holdersOf: 80,
  findNotificationRecipients: 40,
  subjectOfAncestors: 40,
  insertNotifications: 90,
  appendEvents: 50,
  // The consumer of statistics, for one instance: its history, and four cells for each of its facts.
  showDeleted: 0,
  selectCounted: 30,
  selectSketches: 30,
  selectSteps: 30,
  addCells: 200,
  writeMarks: 30,
  // The sealer. Sealing an entry takes about 13 pages: two look-ups, a row and two index entries, and it leaves the queue.
  findTenantsToSeal: 60,
  lockChain: 0,
  findUnsealed: 2_500,
  findLastSeal: 15,
  insertSeals: 3_500,
};

/** Statements of a tenant's first event. */
const onlyFirst: readonly string[] = ["insertPositions", "insertCursor"];

/** Numbers of rows that exist before the measured work. */
const history = { events: 10_000, users: 2_000, instances: 2_000 };

let bare: BareDatabase;
beforeAll(async () => {
  bare = await openBareDatabase();
  // Nothing may collect statistics during the test.
  const tables = await bare.owner<{ name: string }[]>`
    select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('app', 'audit', 'events', 'identity', 'workflows', 'vendors')`;
  for (const { name } of tables) await bare.owner.unsafe(`alter table ${name} set (autovacuum_enabled = false)`);
});
afterAll(() => bare.close());

const silent = { debug: () => undefined, info: () => undefined, error: () => undefined };

test.for(["force_generic_plan", "force_custom_plan"])(
  "no statement reads the history on a new installation, with %s",
  { tags: "slow" },
  async (planCacheMode) => {
    await bare.owner.unsafe(`alter database ${bare.database.name} set plan_cache_mode = ${planCacheMode}`);
    const databases = await openDatabases(bare.database);
    const counted = countPages(databases);
    const tenant = await anEngineTenant(bare.databases.app);
    await addReviewers(tenant);
    // Prepares every statement while the tables are almost empty.
    await work(tenant, counted.databases, 2);
    await addHistory(tenant);
    await work(tenant, counted.databases, 30);
    await databases.close();
    // Prepares them again, on full tables.
    const later = await openDatabases(bare.database);
    const recounted = countPages(later);
    await work(tenant, recounted.databases, 30);
    await later.close();

    const names = Object.keys(maxPages).toSorted();
    expect([...counted.pages.keys()].toSorted()).toEqual(names);
    expect([...recounted.pages.keys()].toSorted()).toEqual(names.filter((name) => !onlyFirst.includes(name)));
    for (const pages of [counted.pages, recounted.pages]) {
      expect([...pages].filter(([name, count]) => count > (maxPages[name] ?? 0))).toEqual([]);
    }
    const analyzed =
      await bare.owner`select relname from pg_stat_user_tables where last_analyze is not null or last_autoanalyze is not null`;
    expect(analyzed.map(({ relname }) => relname as string)).toEqual([]);
  },
);

/** Writes events and audit entries, and runs the relay, the sealer and the consumers until nothing waits. */
async function work(tenant: EngineTenant, databases: Databases, count: number): Promise<void> {
  const { tenantId, owner } = tenant;
  const { id: instanceId } = await tenant.submit();
  const facts = { instanceId, definitionKey: "loan", version: 2, status: "RUNNING" };
  const incident = { from: "review", to: "review", kind: "JOB", message: "" };
  const noticed = Array.from({ length: count }, () => noticedEvents(tenant, facts)).flat();
  await asTenant(bare.databases.app, { tenantId }, "write", async (tx) => {
    await appendEvents(tx, owner.meta, [
      ...noticed,
      { type: "workflow.incident_opened", subjectId: instanceId, subjectVersion: 2, payload: { ...facts, ...incident } },
    ]);
  });
  await addBacklog(tenant, count * 10);
  const failing = failingConsumer();
  const services = {
    databases,
    pubsub: inProcessPubSub(),
    consumers: [
      notificationConsumer({
        databases: bare.databases,
        keyring: bare.keyring,
        pubsub: inProcessPubSub(),
        sendsMail: true,
        log: createLogger({ logLevel: "fatal" }),
      }),
      statisticsConsumer,
      failing,
    ],
    onPoison: jobIncident(bare.keyring),
    log: silent,
  };
  const signer = { sign: () => Promise.resolve("signature"), read: () => Promise.resolve(null) };
  const sealer = startSealer({ databases, signer, log: silent, pubsub: inProcessPubSub() });
  const relayAll = async (consumers: readonly EventConsumer[] = services.consumers) => {
    const relay = await startRelay({ ...services, consumers });
    await relay.idle();
    await relay.stop();
  };
  // Consumers that are behind read the events. Those that are not are given them by the relay.
  await relayAll([]);
  // As after eight attempts that ended their process: the event is parked.
  await bare.owner`insert into events.consumer_cursors (tenant_id, consumer, position, attempts) values (${tenantId}, 'failing', 0, 8)
    on conflict (tenant_id, consumer) do update set attempts = 8, parked_in_row = 0`;
  await relayAll();
  // A user retries it: in vain at first. The second time, the database fails before it succeeds.
  await bare.owner`update events.parked set status = 'RETRY', attempts = 8 where tenant_id = ${tenantId} and status = 'PARKED'`;
  await relayAll();
  await bare.owner`update events.parked set status = 'RETRY', attempts = 0 where tenant_id = ${tenantId} and status = 'PARKED'`;
  await relayAll();
  await sealer.idle();
  await sealer.stop();
}

/** Fails once, on the event that is retried. The incident that stops its instance has an event of the same type, with a message. */
function failingConsumer(): EventConsumer {
  let hasFailed = false;
  return {
    name: "failing",
    types: ["workflow.incident_opened"],
    handle: (_tx, { payload }) => {
      if (hasFailed || payload["message"] !== "") return Promise.resolve();
      hasFailed = true;
      return Promise.reject(new ServiceUnavailable("database"));
    },
  };
}

/** Returns events whose recipients are found with every statement of the directory. */
function noticedEvents(
  { vendorId }: EngineTenant,
  facts: { instanceId: string; definitionKey: string; version: number; status: string },
): AnyNewEvent[] {
  const nobody = { candidateRoles: [], candidateUserIds: [], candidateTeamIds: [], candidateVendorIds: [] };
  const { instanceId } = facts;
  const taskId = newId();
  return [
    {
      type: "task.opened",
      subjectId: taskId,
      subjectVersion: 1,
      related: { instance: instanceId },
      payload: {
        ...nobody,
        taskId,
        instanceId,
        title: "Review",
        status: "OPEN",
        assigneeId: null,
        candidateRoles: ["reviewers"],
        candidateTeamIds: [newId()],
        candidateVendorIds: [vendorId],
      },
    },
    {
      type: "workflow.cancelled",
      subjectId: instanceId,
      subjectVersion: 2,
      related: { request: newId() },
      payload: { ...facts, from: "review", to: "review" },
    },
  ];
}

/** Many events and audit entries that wait, of which one batch takes only a few. */
async function addBacklog({ tenantId, owner }: EngineTenant, length: number): Promise<void> {
  const ids = Array.from({ length }, () => newId());
  await asTenant(bare.databases.app, { tenantId }, "write", async (tx) => {
    await appendEvents(
      tx,
      owner.meta,
      ids.map((subjectId) => ({ type: "vendor.updated", subjectId, subjectVersion: 1, payload: { changed: [] } })),
    );
    await writeAudit(
      tx,
      owner.meta,
      ids.map((entityId) => ({ action: "vendor.update", entityType: "vendor", entityId, before: null, after: {} })),
    );
  });
}

/** A role with two members, who are notified of every task. */
async function addReviewers({ tenantId, owner, operations }: EngineTenant): Promise<void> {
  const roleId = newId();
  await bare.owner`insert into identity.roles (tenant_id, id, key, name) values (${tenantId}, ${roleId}, 'reviewers', 'Reviewers')`;
  await bare.owner`insert into identity.role_permissions values (${tenantId}, ${roleId}, 'incident.resolve', 'TENANT')`;
  await bare.owner`insert into identity.role_ancestors values (${tenantId}, ${roleId}, ${roleId})`;
  for (const { viewer } of [owner, operations])
    await bare.owner`insert into identity.user_roles (tenant_id, user_id, role_id) values (${tenantId}, ${viewer.userId}, ${roleId})`;
}

/** Fills the tenant with earlier work, which is done. */
async function addHistory({ tenantId }: EngineTenant): Promise<void> {
  const clones = async (table: string, count: number, changes: string) => {
    const written = await bare.owner<{ name: string }[]>`select quote_ident(attname) as name from pg_attribute
      where attrelid = ${table}::regclass and attnum > 0 and not attisdropped and attgenerated = ''`;
    const columns = written.map(({ name }) => name).join(", ");
    // Without foreign keys, because most clones belong to objects that do not exist.
    await bare.owner.unsafe(`set local session_replication_role = replica; insert into ${table} (${columns}) select ${columns}
      from (select to_jsonb(r) as template from ${table} r where tenant_id = '${tenantId}' limit 1) t
      cross join lateral (select template || jsonb_build_object(${changes}) as row from generate_series(1, ${count}) n) rows
      cross join lateral jsonb_populate_record(null::${table}, rows.row)`);
  };
  const id = "'id', gen_random_uuid()";
  await clones("identity.users", history.users, `${id}, 'email', n || '@example.com', 'username', 'u' || n, 'name', 'Somebody'`);
  await clones("workflows.instances", history.instances, id);
  await clones("workflows.tasks", history.instances, `${id}, 'instance_id', gen_random_uuid()`);
  await clones("workflows.history", history.instances, `${id}, 'instance_id', gen_random_uuid()`);
  await clones("events.log", history.events, `${id}, 'type', 'vendor.updated'`);
  await clones("audit.entries", history.events, id);
  await clones("audit.notifications", history.events, `${id}, 'event_id', gen_random_uuid()`);
  await clones("audit.seals", history.events, "'entry_id', gen_random_uuid(), 'sequence', 10000 + n");
  await clones("audit.checkpoints", history.events, "'sequence', 10000 + n");
  await clones(
    "events.parked",
    history.events,
    "'id', gen_random_uuid(), 'event_id', gen_random_uuid(), 'position', 10000 + n, 'status', 'DONE'",
  );
  await bare.owner`insert into events.positions select tenant_id, 10000 + row_number() over (order by id), id from events.log l
    where tenant_id = ${tenantId} and not exists (select from events.positions p where p.tenant_id = l.tenant_id and p.event_id = l.id)`;
  await bare.owner`update events.position_heads set position = (select max(position) from events.positions where tenant_id = ${tenantId}) where tenant_id = ${tenantId}`;
  await bare.owner`update events.consumer_cursors c set position = h.position from events.position_heads h where h.tenant_id = c.tenant_id and c.tenant_id = ${tenantId}`;
}
