import { setTimeout as delay } from "node:timers/promises";
import { encodeId, newId } from "@weft/shared/ids";
import { loadConfig, withDatabaseUrls } from "@weft/platform/config";
import { asTenant } from "@weft/platform/db";
import { appendEvents, wakeRelay } from "@weft/platform/events";
import type { Services } from "@weft/platform/services";
import { startWeft } from "@weft/standalone";
import { postgres } from "@weft/pg-driver";
import type { BenchOptions, Report } from "../harness/report.js";
import { alternate, type Contestant, medianOf, ratioOf, type Sample } from "../harness/rounds.js";
import { percentile } from "../harness/statistics.js";
import { startSite } from "../harness/systems/services.js";
import { addWebhook, aWebhookTenant, HANGING, metaOf, type Receiver, startReceiver, type WebhookTenant } from "./endpoints.js";

const TENANTS = 10;
/** Time for the last deliveries of a round. */
const DRAIN_MS = 30_000;
const figures = ["p50 ms", "p99 ms", "maximum ms"] as const;
const [alone, withHanging] = ["no endpoint hangs", "one endpoint hangs"] as const;

/**
 * Sends events at a steady rate to many endpoints, one endpoint for each event, with and without one further endpoint that receives every event of its
 * tenant and never answers. Compares the time from the moment at which an event was due to the receipt of its request.
 */
export async function run({ quick }: BenchOptions): Promise<Report> {
  const [endpoints, perSecond, forMs, rounds] = quick ? [200, 50, 6_000, 1] : [1_000, 100, 30_000, 3];
  const site = await startSite();
  const owner = postgres(site.database.ownerUrl, { max: 1, onnotice: () => {} });
  const env = { ...site.env, PORT: "0", WEFT_OUTBOUND_ALLOWED: "127.0.0.1" };
  const weft = await startWeft({
    config: withDatabaseUrls(loadConfig(env), site.services.keys),
    keys: site.services.keys,
    log: site.services.log,
  });
  const receiver = await startReceiver();
  try {
    const { services } = weft;
    const tenants: WebhookTenant[] = [];
    for (let made = 0; made < TENANTS; made++)
      tenants.push(await aWebhookTenant(services, owner, { endpoints: endpoints / TENANTS, url: receiver.url }));
    const [first] = tenants;
    if (first === undefined) throw new Error("There is no tenant.");
    await weft.worker.idle();
    await owner`vacuum analyze`;
    const load = { services, receiver, tenants, perSecond, forMs };
    const contestants: Contestant[] = [
      { name: alone, run: () => measure(load) },
      {
        name: withHanging,
        run: async () => {
          const { tenantId } = first;
          const id = await addWebhook(services, owner, { tenantId, url: `${receiver.url}${HANGING}`, condition: "" });
          const hungBefore = receiver.hung;
          try {
            const sample = await measure(load);
            if (receiver.hung === hungBefore) throw new Error("The endpoint that hangs received nothing.");
            return sample;
          } finally {
            await owner`delete from events.webhooks where tenant_id = ${tenantId} and id = ${id}`;
          }
        },
      },
    ];
    await measure({ ...load, forMs: 3_000 });
    const measured = await alternate(contestants, rounds);
    const [sent] = measured.get(alone) ?? [];
    return {
      title: `Webhooks: ${endpoints.toLocaleString("en")} endpoints of ${TENANTS} tenants, ${perSecond} events per second`,
      head: ["", ...figures],
      rows: contestants.map(({ name }) => [name, ...figures.map((figure) => medianOf(measured, name, figure))]),
      ratio: {
        what: "p99 of the other endpoints, with an endpoint that hangs / without",
        value: ratioOf(measured, "p99 ms", withHanging, alone),
        goal: "≤ 2",
      },
      notes: [
        `Each of the ${sent?.["events"] ?? 0} events of a round was received exactly by its endpoint. Times count from the moment at which an event was due to the request at the endpoint: commit, numbering, conditions of all ${endpoints / TENANTS} webhooks of its tenant, claim, signature, and connection.`,
        `The endpoint that hangs receives every event of one of the tenants, so its tenant has the most to send. Its requests end after 15 seconds.`,
        "Weft in one process, PostgreSQL, and the endpoints share the machine.",
      ],
      rounds: measured,
    };
  } finally {
    await weft.stop();
    await receiver.close();
    await owner.end();
    await site.remove();
  }
}

interface Load {
  readonly services: Services;
  readonly receiver: Receiver;
  readonly tenants: readonly WebhookTenant[];
  readonly perSecond: number;
  readonly forMs: number;
}

/** Writes events at a steady rate, whatever the response times, and waits until all were received. */
async function measure({ services, receiver, tenants, perSecond, forMs }: Load): Promise<Sample> {
  const due = new Map<string, number>();
  const times: number[] = [];
  receiver.onEvent = (subjectId) => {
    const at = due.get(subjectId);
    // At least once: a repetition is not measured.
    if (at === undefined) return;
    due.delete(subjectId);
    times.push(performance.now() - at);
  };
  const count = Math.round((perSecond * forMs) / 1_000);
  const started = performance.now();
  const writing: Promise<void>[] = [];
  for (let number = 0; number < count; number++) {
    const at = started + (number * 1_000) / perSecond;
    const early = at - performance.now();
    if (early > 0) await delay(early);
    const tenant = tenants[number % tenants.length];
    if (tenant === undefined) break;
    const subjectId = newId();
    due.set(encodeId("building", subjectId), at);
    writing.push(write(services, tenant, { subjectId, version: (Math.floor(number / tenants.length) % tenant.endpoints) + 1 }));
  }
  await Promise.all(writing);
  for (const deadline = performance.now() + DRAIN_MS; due.size > 0 && performance.now() < deadline;) await delay(20);
  if (due.size > 0) throw new Error(`${due.size} of ${count} events were not received.`);
  return { events: count, "p50 ms": percentile(times, 0.5), "p99 ms": percentile(times, 0.99), "maximum ms": Math.max(...times) };
}

async function write(
  services: Services,
  { tenantId }: WebhookTenant,
  { subjectId, version }: { subjectId: string; version: number },
): Promise<void> {
  await asTenant(services.databases.app, { tenantId }, "write", (tx) =>
    appendEvents(tx, metaOf(services, tenantId), [
      { type: "building.updated", subjectId, subjectVersion: version, payload: { changed: ["name"] } },
    ]),
  );
  wakeRelay(services.pubsub, services.log);
}
