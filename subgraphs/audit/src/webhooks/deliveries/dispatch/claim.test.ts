import { newId } from "@weft/shared/ids";
import { asTenant, openDatabases } from "@weft/platform/db";
import { countPages, type CountingDatabases } from "@weft/testkit/cost/fetched-pages";
import { openBareDatabase, type BareDatabase } from "@weft/testkit/postgres/bare-database";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ClaimedRow, claimDeliveries, type DueWebhook, findDueWebhooks, lockForClaim, PER_WEBHOOK } from "./claim.store.js";
import { SUBJECTS_PER_SEARCH } from "./heads.store.js";

let bare: BareDatabase;
let counting: CountingDatabases;
beforeAll(async () => {
  bare = await openBareDatabase();
  counting = countPages(bare.databases);
});
afterAll(() => bare.close());

interface OrderedWebhook {
  readonly tenantId: string;
  readonly webhookId: string;
  /** Queues deliveries of subjects, which have the given numbers. Those of blocked ones wait for a retry of the first one. */
  queue(subjects: { readonly from: number; readonly to: number; readonly each?: number; readonly isBlocked?: boolean }): Promise<void>;
  find(): Promise<DueWebhook | undefined>;
  /** Claims from this webhook and others of its tenant. */
  claim(with_?: { readonly others?: readonly OrderedWebhook[]; readonly limit?: number }): Promise<ClaimedRow[]>;
}

/** Number of a subject as a UUID, so that subjects have an order. */
const subject = (number: number): string => `00000000-0000-7000-8000-${String(number).padStart(12, "0")}`;

async function anOrderedWebhook(of?: { readonly tenantId: string }): Promise<OrderedWebhook> {
  const [{ tenantId }, webhookId, { owner }] = [of ?? (await bare.tenant()), newId(), bare];
  await owner`insert into events.webhooks (tenant_id, id, name, url, is_ordered, secret, status_changed_at, created_by, created_at, updated_at)
    values (${tenantId}, ${webhookId}, 'Ordered', 'https://example.com/', true, 'secret', now(), ${newId()}, now(), now())`;
  await owner`insert into events.webhook_states (tenant_id, webhook_id) values (${tenantId}, ${webhookId})`;
  return {
    tenantId,
    webhookId,
    queue: async ({ from, to, each = 1, isBlocked = false }) => {
      await owner`insert into events.webhook_deliveries (tenant_id, id, webhook_id, message_id, event_type, subject_id, body, next_attempt_at)
        select ${tenantId}, gen_random_uuid(), ${webhookId}, 'm', 'webhook.test', ('00000000-0000-7000-8000-' || lpad(s::text, 12, '0'))::uuid, '{}',
               case when n = 1 and ${isBlocked} then now() + interval '1 hour' else now() - interval '1 minute' end
          from generate_series(${from}::int, ${to}::int) s, generate_series(1, ${each}::int) n order by s, n`;
    },
    find: async () => {
      const found = await counting.databases.worker.begin((tx) => findDueWebhooks(tx, 100), "read");
      return found.find((due) => due.webhookId === webhookId);
    },
    claim: ({ others = [], limit = PER_WEBHOOK } = {}) =>
      asTenant(counting.databases.app, { tenantId }, "write", async (tx) =>
        claimDeliveries(tx, await lockForClaim(tx, [webhookId, ...others.map((other) => other.webhookId)]), limit),
      ),
  };
}

const subjectsOf = (rows: readonly ClaimedRow[], of: OrderedWebhook): Promise<string[]> =>
  bare.owner<{ subject_id: string }[]>`select subject_id from events.webhook_deliveries
    where tenant_id = ${of.tenantId} and id = any(${rows.map(({ id }) => id)}) order by subject_id`.then((found) =>
    found.map(({ subject_id }) => subject_id),
  );

test("20,000 deliveries that wait behind the first one of their object do not make the search for others more expensive", async () => {
  const webhook = await anOrderedWebhook();
  await webhook.queue({ from: 1, to: 1, each: 20_000, isBlocked: true });
  expect(await webhook.find()).toBeUndefined();
  await webhook.queue({ from: 2, to: 3, each: 2 });
  expect(await webhook.find()).toMatchObject({ isCertain: true });
  expect(await subjectsOf(await webhook.claim(), webhook)).toEqual([subject(2), subject(3)]);
  // The rows of the blocked object alone fill more than 300 pages.
  expect(counting.pages.get("findDueWebhooks")).toBeLessThan(100);
  expect(counting.pages.get("claimWebhookDeliveries")).toBeLessThan(200);
});

test("a search looks at a bounded number of objects, and the next ones go on after them, until all were looked at", async () => {
  const webhook = await anOrderedWebhook();
  await webhook.queue({ from: 1, to: 2 * SUBJECTS_PER_SEARCH + 10, isBlocked: true });
  await webhook.queue({ from: 2 * SUBJECTS_PER_SEARCH + 11, to: 2 * SUBJECTS_PER_SEARCH + 11 });
  expect(await webhook.find()).toMatchObject({ isCertain: false });
  expect(await webhook.claim()).toEqual([]);
  expect(await webhook.claim()).toEqual([]);
  expect(await webhook.find()).toMatchObject({ isCertain: true });
  expect(await subjectsOf(await webhook.claim(), webhook)).toEqual([subject(2 * SUBJECTS_PER_SEARCH + 11)]);
});

test("a search that has looked at all objects is certain", async () => {
  const webhook = await anOrderedWebhook();
  await webhook.queue({ from: 1, to: SUBJECTS_PER_SEARCH, isBlocked: true });
  expect(await webhook.find()).toMatchObject({ isCertain: false });
  expect(await webhook.claim()).toEqual([]);
  expect(await webhook.find()).toBeUndefined();
});

test("the next search does not go on after deliveries that were found, but not claimed because of other webhooks", async () => {
  const busy = await anOrderedWebhook();
  const webhook = await anOrderedWebhook(busy);
  await busy.queue({ from: 1, to: 1 });
  await webhook.queue({ from: 1, to: 1 });
  await webhook.queue({ from: 2, to: SUBJECTS_PER_SEARCH + 1, isBlocked: true });
  const first = await busy.claim({ others: [webhook], limit: 1 });
  expect(first.map(({ webhookId }) => webhookId)).toEqual([busy.webhookId]);
  expect(await subjectsOf(await webhook.claim(), webhook)).toEqual([subject(1)]);
});

test("the objects of an ordered webhook take turns", async () => {
  const webhook = await anOrderedWebhook();
  await webhook.queue({ from: 1, to: PER_WEBHOOK + 2, each: 3 });
  const turns: string[][] = [];
  for (let turn = 0; turn < 3; turn++) {
    const claimed = await webhook.claim();
    turns.push(await subjectsOf(claimed, webhook));
    await bare.owner`update events.webhook_deliveries set status = 'DELIVERED', next_attempt_at = null, claim_token = null, lease_until = null, finished_at = now()
      where tenant_id = ${webhook.tenantId} and id = any(${claimed.map(({ id }) => id)})`;
  }
  expect(turns).toEqual([[1, 2, 3, 4].map(subject), [1, 2, 5, 6].map(subject), [3, 4, 5, 6].map(subject)]);
});

// Last, because it empties the table.
test("a connection whose plans were made when the table was small looks up each object in the index after it has grown", async () => {
  await bare.owner`alter table events.webhook_deliveries set (autovacuum_enabled = false)`;
  await bare.owner`truncate events.webhook_deliveries cascade`;
  const databases = await openDatabases(bare.database);
  counting = countPages(databases);
  const webhook = await anOrderedWebhook();
  await webhook.queue({ from: 1, to: 3, isBlocked: true });
  await bare.owner`analyze events.webhook_deliveries`;
  // PostgreSQL keeps a plan from the sixth execution on.
  for (let n = 0; n < 10; n++) {
    await webhook.find();
    await webhook.claim();
  }
  await webhook.queue({ from: 4, to: 1_000, isBlocked: true });
  expect(await webhook.find()).toMatchObject({ isCertain: false });
  expect(await webhook.claim()).toEqual([]);
  await databases.close();
  // Reading the table again for each object would take more than 10,000.
  for (const name of ["findDueWebhooks", "claimWebhookDeliveries"]) {
    expect(counting.pages.get(name), name).toBeGreaterThan(SUBJECTS_PER_SEARCH);
    expect(counting.pages.get(name), name).toBeLessThan(10 * SUBJECTS_PER_SEARCH);
  }
});
