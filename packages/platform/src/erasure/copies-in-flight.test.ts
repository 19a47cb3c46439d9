import { randomBytes } from "node:crypto";
import type { ErasureProgress } from "@weft/drizzle";
import { newId } from "@weft/shared/ids";
import { seedFullTenant } from "@weft/drizzle/full-tenant.fixture";
import { openBareDatabase, type BareDatabase } from "@weft/testkit/postgres/bare-database";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { asTenant } from "../db/as-tenant.js";
import type { Tx } from "../db/database.js";
import { oneMasterKey } from "../secrets/master-keys.js";
import { tenantSecrets } from "../secrets/tenant-secrets.js";
import { claimPayloads, storePayload } from "../webhooks/payload.store.js";
import { ErasureWaits } from "./due-transactions.js";
import { type ErasureState, erasePerson } from "./erase-person.js";
import { emptyReceipt } from "./receipt.js";

let bare: BareDatabase;
const secrets = tenantSecrets(oneMasterKey(randomBytes(32)));
beforeAll(async () => {
  bare = await openBareDatabase();
});
afterAll(() => bare.close());

let tenants = 800;

interface Subject {
  readonly tenantId: string;
  readonly personId: string;
}

/** A tenant with a user whose erasure is approved. */
async function anErasure(): Promise<Subject> {
  const { tenant: tenantId, staff: personId } = await bare.owner.begin((owner) => seedFullTenant(owner as never, tenants++));
  // Keys of another installation.
  await bare.owner`delete from app.person_keys where tenant_id = ${tenantId}`;
  await bare.owner`delete from app.tenant_keys where tenant_id = ${tenantId}`;
  await bare.owner`update identity.users set name = 'Pia Person', email = 'pia@example.com' where tenant_id = ${tenantId} and id = ${personId}`;
  await bare.owner`insert into identity.privacy_requests
    (tenant_id, id, kind, person_type, person_id, status, reason, requested_by, session_id, decided_by, decided_at, due_at)
    values (${tenantId}, ${newId()}, 'ANONYMISE', 'user', ${personId}, 'APPROVED', 'R', ${newId()}, ${newId()}, ${newId()}, now(), now())`;
  return { tenantId, personId };
}

type Earlier = ErasureState & { readonly values: readonly string[] };
const nothing: Earlier = { receipt: emptyReceipt, progress: null, values: [] };

interface Attempt {
  readonly earlier?: Earlier;
  /** Called in each transaction that records something. */
  readonly onRecord?: (state: ErasureState) => Promise<unknown>;
}

/** Erases the person. Returns why it stopped, and what it continues from. */
async function erase({ tenantId, personId }: Subject, { earlier = nothing, onRecord }: Attempt = {}) {
  let kept = earlier;
  const record = async (_tx: Tx, state: ErasureState): Promise<void> => {
    kept = { ...kept, ...state };
    await onRecord?.(state);
  };
  const keepValues = (values: readonly string[]): Promise<void> => {
    kept = { ...kept, values };
    return Promise.resolve();
  };
  const parts = { databases: bare.databases, keyring: bare.keyring, secrets, earlier, record, keepValues };
  const error: unknown = await erasePerson(parts, { tenantId, personId, kind: "ANONYMISE", table: "identity.users" }).then(
    () => null,
    (reason: unknown) => reason,
  );
  return { error, earlier: kept };
}

/** Begins a transaction that reads the person's name. Returns what writes it to a notification and commits. */
async function aReaderOfTheName({ tenantId, personId }: Subject): Promise<() => Promise<void>> {
  const [hasRead, writes] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const transaction = asTenant(bare.databases.app, { tenantId }, "write", async (tx) => {
    const [user] = await tx.execute<{ name: string }>(
      sql`select name from identity.users where tenant_id = app.tenant() and id = ${personId}::uuid`,
    );
    hasRead.resolve();
    await writes.promise;
    await tx.execute(sql`update audit.notifications set title = ${`Ask ${user?.name}`} where tenant_id = app.tenant()`);
  });
  await hasRead.promise;
  return async () => {
    writes.resolve();
    await transaction;
  };
}

async function titlesOf({ tenantId }: Subject): Promise<string[]> {
  const rows = await bare.owner<{ title: string }[]>`select distinct title from audit.notifications where tenant_id = ${tenantId}`;
  return rows.map(({ title }) => title);
}

const isWaiting = ({ progress }: ErasureState): boolean => progress?.step === "transactions" && progress.after !== null;

test("a copy by a transaction that had read the name before it was replaced is replaced, too", async () => {
  const subject = await anErasure();
  const commit = await aReaderOfTheName(subject);
  let committed: Promise<void> | undefined;
  const onRecord = (state: ErasureState): Promise<void> => {
    if (isWaiting(state)) committed ??= commit();
    return Promise.resolve();
  };
  expect((await erase(subject, { onRecord })).error).toBeNull();
  await committed;
  expect(await titlesOf(subject)).toEqual(["Ask [erased]"]);
});

test(
  "an erasure gives up its turn if a transaction does not end soon, and searches nothing before it has ended",
  { tags: "slow" },
  async () => {
    const subject = await anErasure();
    const commit = await aReaderOfTheName(subject);
    const first = await erase(subject);
    expect(first.error).toMatchObject({ seconds: 10 });
    const second = await erase(subject, { earlier: first.earlier });
    expect(second.error).toBeInstanceOf(ErasureWaits);
    expect(second.earlier.progress?.step).toBe("transactions");
    await commit();
    expect((await erase(subject, { earlier: second.earlier })).error).toBeNull();
    expect(await titlesOf(subject)).toEqual(["Ask [erased]"]);
  },
);

test("an erasure does not wait for transactions that began after the name was replaced", async () => {
  const subject = await anErasure();
  const commit = await aReaderOfTheName(subject);
  const later: (() => Promise<void>)[] = [];
  const onRecord = async (state: ErasureState): Promise<void> => {
    if (!isWaiting(state) || later.length > 0) return;
    later.push(await aReaderOfTheName(subject));
    await commit();
  };
  expect((await erase(subject, { onRecord })).error).toBeNull();
  await later[0]?.();
  expect(await titlesOf(subject)).toEqual(["Ask [erased]"]);
});

test("a payload that a gateway builds while the name is replaced is built again, and what the gateway has read is not stored", async () => {
  const subject = await anErasure();
  const { tenantId, personId } = subject;
  const inTenant = <T>(fn: (tx: Tx) => Promise<T>): Promise<T> => asTenant(bare.databases.app, { tenantId }, "write", fn);
  await bare.owner`update identity.tenants set status = 'ACTIVE' where tenant_id = ${tenantId}`;
  const [webhook] = await bare.owner<
    { id: string }[]
  >`update events.webhooks set payload_query = '{ __typename }', payload_user_id = ${personId}, payload_generation = 1
    where tenant_id = ${tenantId} and id = (select id from events.webhooks where tenant_id = ${tenantId} limit 1) returning id`;
  const id = newId();
  await bare.owner`insert into events.webhook_deliveries
    (tenant_id, id, webhook_id, message_id, event_id, event_type, subject_id, has_payload, status, payload_due_at)
    values (${tenantId}, ${id}, ${webhook?.id ?? ""}, ${id}, ${newId()}, 'request.created', ${newId()}, true, 'PENDING', now())`;
  const claim = (await inTenant((tx) => claimPayloads(tx, 10))).find((each) => each.id === id);
  if (claim === undefined) throw new Error("The payload was not claimed.");
  expect((await erase(subject)).error).toBeNull();
  await inTenant((tx) => storePayload(tx, claim, { body: "Pia Person, sealed", userId: personId, generation: 1, error: null }));
  const [delivery] =
    await bare.owner`select body, payload_due_at <= now() as "isDue", payload_lapses as lapses from events.webhook_deliveries
    where tenant_id = ${tenantId} and id = ${id}`;
  expect(delivery).toEqual({ body: null, isDue: true, lapses: 0 });
});

test("an erasure waits for the answers to requests that are under way if an event named the person", async () => {
  const subject = await anErasure();
  const { tenantId } = subject;
  await bare.owner`update events.log set payload = '{"text": "Ask Pia Person"}' where tenant_id = ${tenantId}`;
  await bare.owner`insert into events.webhook_deliveries
    (tenant_id, id, webhook_id, message_id, event_id, event_type, subject_id, status, next_attempt_at, claim_token, lease_until)
    select tenant_id, ${newId()}, id, 'm', ${newId()}, 'custom.published', ${newId()}, 'PENDING', now(), ${newId()}, now() + interval '20 seconds'
      from events.webhooks where tenant_id = ${tenantId} limit 1`;
  expect((await erase(subject)).error).toMatchObject({ seconds: 60 });
});

test("an erasure that an earlier version of Weft has begun starts over if that version had other steps", { tags: "slow" }, async () => {
  const titlesAfter = async (progress: Partial<ErasureProgress>): Promise<string[]> => {
    const subject = await anErasure();
    let at: ErasureProgress | null = null;
    const { earlier } = await erase(subject, {
      onRecord: ({ progress: recorded }) => {
        at = recorded;
        return Promise.resolve();
      },
    });
    if (at === null) throw new Error("nothing was recorded");
    // What a column that the other version does not know would have.
    await bare.owner`update audit.notifications set title = 'Ask Pia Person' where tenant_id = ${subject.tenantId}`;
    const files = { ...(at as ErasureProgress), step: "files", after: null, ...progress };
    await erase(subject, { earlier: { ...earlier, progress: files } });
    return titlesOf(subject);
  };
  expect(await titlesAfter({})).toEqual(["Ask Pia Person"]);
  expect(await titlesAfter({ plan: "of another version" })).toEqual(["Ask [erased]"]);
});

test("a search for copies reads large rows in several transactions, each at least one", { tags: "slow" }, async () => {
  const subject = await anErasure();
  const { tenantId } = subject;
  const count = 4;
  await bare.owner`insert into events.log
    (tenant_id, id, type, type_version, subject_type, subject_id, subject_version, related, payload, actor_id, request_id, occurred_at)
    select ${tenantId}, gen_random_uuid(), 'custom.published', 1, 'request', ${newId()}, 1, '{}',
      jsonb_build_object('text', 'Ask Pia Person', 'more', repeat('x', 5000000)), ${newId()}, 'r', now() from generate_series(1, ${count})`;
  const sizes: number[] = [];
  bare.databases.worker.onStatement = (text, params) => {
    if (text.includes("lockCopies") && text.includes("events.log")) sizes.push((params[0] as readonly string[]).length);
  };
  expect((await erase(subject).finally(() => (bare.databases.worker.onStatement = undefined))).error).toBeNull();
  expect(sizes).toEqual([1, 1, 1, 1]);
  const left = await bare.owner`select from events.log where tenant_id = ${tenantId} and payload::text like '%Pia%'`;
  expect(left).toHaveLength(0);
});
