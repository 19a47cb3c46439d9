import { createHash } from "node:crypto";
import { newId } from "@weft/shared/ids";
import { checkpointSigner, startSealer, verifyChain, writeAudit } from "@weft/platform/audit";
import { Computing } from "@weft/platform/computing";
import { generateKeys } from "@weft/platform/config";
import { asTenant, openDatabases, type Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import { inProcessPubSub } from "@weft/platform/pubsub";
import { sql } from "drizzle-orm";
import { postgres } from "@weft/pg-driver";
import { closedLoop } from "../harness/load/closed-loop.js";
import { spentSeconds } from "../harness/processor-time.js";
import type { BenchOptions, Report } from "../harness/report.js";
import { alternate, type Contestant, medianOf, ratioOf } from "../harness/rounds.js";
import { settingsNote, startBenchDatabase } from "../harness/systems/database.js";
import { anEngineTenant } from "../harness/tenants/engine-tenant.js";

const connections = 10;
/** Number of entries that one statement writes when the chains are filled, and that a page of the scan has. */
const page = 500;

const plain = "plain insert";
const append = "append";
const sealed = "append and seal";
const scan = "scan and SHA-256";
const verify = "verify the chain";

const figure = "entries per processor second";

/**
 * P12: compares the audit chain with the least that could replace it. Appending an entry, alone and with its seal, is compared with a plain insert of
 * the same row into the same table. Verifying a chain is compared with reading the rows in sequence and computing the SHA-256 of each.
 */
export async function run({ quick }: BenchOptions): Promise<Report> {
  const database = await startBenchDatabase();
  const databases = await openDatabases({ ...database, pools: { app: connections, worker: 5, auth: 1, health: 1 } });
  const owner = postgres(database.ownerUrl, { max: 1, onnotice: () => {} });
  const signer = await checkpointSigner(generateKeys().checkpoint);
  const size = quick ? 10_000 : 50_000;
  const forMs = quick ? 2_000 : 5_000;
  try {
    const tenant = async (): Promise<WriteMeta> => (await anEngineTenant(databases.app, 0)).meta;
    const [long, plainly, appending, sealing] = [await tenant(), await tenant(), await tenant(), await tenant()];
    const inTenant = <T>({ tenantId }: WriteMeta, fn: (tx: Tx) => Promise<T>): Promise<T> =>
      asTenant(databases.app, { tenantId }, "write", fn);
    const record = (meta: WriteMeta, count: number): Promise<void> =>
      inTenant(meta, (tx) =>
        writeAudit(
          tx,
          meta,
          Array.from({ length: count }, () => newEntry()),
        ),
      );
    const sealAll = async (): Promise<void> => {
      const sealer = startSealer({ databases, signer, log: silent, pubsub: inProcessPubSub() });
      await sealer.idle();
      await sealer.stop();
    };
    for (let written = 0; written < size; written += page) await record(long, page);
    await sealAll();

    const accepted = new Map([plainly, appending, sealing].map(({ tenantId }) => [tenantId, 0]));
    const write = async (meta: WriteMeta, one: () => Promise<void>, end: () => Promise<void>) => {
      const before = await spentSeconds(owner);
      const { done, perSecond } = await closedLoop(connections, forMs, one);
      await end();
      accepted.set(meta.tenantId, (accepted.get(meta.tenantId) ?? 0) + done);
      return { [figure]: done / ((await spentSeconds(owner)) - before), "entries/s": perSecond };
    };
    const writer = (name: string, meta: WriteMeta, one: () => Promise<void>, isSealing = false): Contestant => ({
      name,
      run: async () => {
        await sealAll();
        await tidy(owner);
        const sealer = isSealing ? startSealer({ databases, signer, log: silent, pubsub: inProcessPubSub() }) : undefined;
        try {
          return await write(meta, one, async () => sealer?.idle());
        } finally {
          await sealer?.stop();
        }
      },
    });
    const reader = (name: string, read: () => Promise<number>): Contestant => ({
      name,
      run: async () => {
        await sealAll();
        await tidy(owner);
        const before = await spentSeconds(owner);
        const started = performance.now();
        const entries = await read();
        const seconds = (performance.now() - started) / 1000;
        if (entries !== size) throw new Error(`${name}: ${entries} of ${size} entries.`);
        return { [figure]: entries / ((await spentSeconds(owner)) - before), "entries/s": entries / seconds };
      },
    });
    const contestants = [
      writer(plain, plainly, () => inTenant(plainly, (tx) => insertPlainly(tx, plainly))),
      writer(append, appending, () => record(appending, 1)),
      writer(sealed, sealing, () => record(sealing, 1), true),
      reader(scan, () => scanAndHash(owner, long)),
      reader(verify, async () => {
        const { tenantId } = long;
        const report = await asTenant(databases.app, { tenantId }, "read", (tx) =>
          verifyChain(tx, tenantId, { signer, computing: Computing.inBackground(tenantId) }),
        );
        if (!report.isValid || !report.isComplete) throw new Error(`The chain is not valid: ${JSON.stringify(report.firstProblem)}`);
        return report.verifiedEntries;
      }),
    ];
    for (const { run: warmUp } of contestants) await warmUp();
    const rounds = await alternate(contestants, quick ? 3 : 5);
    await sealAll();
    await assertComplete(owner, accepted, plainly);
    const figures = [figure, "entries/s"];
    const anchorOf = (name: string): string => (name === scan || name === verify ? scan : plain);
    const ratio = (name: string): number => ratioOf(rounds, figure, name, anchorOf(name));
    return {
      title: `P12  the audit chain: one entry in each transaction over ${connections} connections; verification of ${size} entries`,
      head: ["", ...figures, "against its anchor"],
      rows: contestants.map(({ name }) => [name, ...figures.map((each) => medianOf(rounds, name, each)), ratio(name)]),
      ratio: {
        what: `entries per processor second, ${append} / ${plain}`,
        value: ratio(append),
        goal: `≥ 0.8; with the seal ${ratio(sealed).toFixed(2)}; time to verify / to scan and hash ${(1 / ratio(verify)).toFixed(2)}, goal ≤ 2.0`,
      },
      notes: [
        `${settingsNote}; processor time of this process and PostgreSQL.`,
        "A plain insert writes the same row into the same table, in the same kind of transaction, and does not queue it for the sealer. The scan reads rows as text with a cursor, without policies, and hashes each.",
        `Correct: ${[...accepted.values()].reduce((sum, each) => sum + each)} entries written, all of them stored; those that were appended have a seal, and each verification covered the whole chain.`,
      ],
      rounds,
    };
  } finally {
    await owner.end();
    await databases.close();
    await database.remove();
  }
}

const silent = { debug: () => undefined, info: () => undefined, error: console.error };

/** An entry of a transition, with complete images of the instance. */
const newEntry = () => {
  const image = {
    state: "left",
    status: "RUNNING",
    version: 7,
    definitionKey: "pendulum",
    definitionId: fixedId,
    ownerId: fixedId,
    assigneeUserId: fixedId,
    createdAt: "2026-03-01T09:30:00.000Z",
    updatedAt: "2026-03-01T09:30:00.000Z",
    environment: "PROD",
  };
  return {
    action: "workflow.fire",
    entityType: "instance" as const,
    entityId: newId(),
    before: image,
    after: { ...image, state: "right", version: 8 },
  };
};

const fixedId = newId();

async function insertPlainly(tx: Tx, meta: WriteMeta): Promise<void> {
  const { action, entityType, entityId, before, after } = newEntry();
  await tx.execute(sql`insert into audit.entries (tenant_id, id, action, entity_type, entity_id, before, after, actor_id, session_id, request_id)
    values (${meta.tenantId}::uuid, ${newId()}::uuid, ${action}, ${entityType}, ${entityId}::uuid, ${JSON.stringify(before)}::text::jsonb, ${JSON.stringify(after)}::text::jsonb,
      ${meta.actorId}::uuid, ${meta.sessionId}::uuid, ${meta.requestId})`);
}

/** Reads the tenant's entries as text, and hashes each. Returns their number. */
async function scanAndHash(owner: postgres.Sql, { tenantId }: WriteMeta): Promise<number> {
  let entries = 0;
  const hashes = new Set<string>();
  for await (const rows of owner<{ text: string }[]>`select e::text as text from audit.entries e where e.tenant_id = ${tenantId}`.cursor(
    page,
  )) {
    for (const { text } of rows) hashes.add(createHash("sha256").update(text).digest("hex"));
    entries += rows.length;
  }
  if (hashes.size !== entries) throw new Error(`${entries} entries have ${hashes.size} hashes.`);
  return entries;
}

/** Creates the same conditions for every round. */
async function tidy(owner: postgres.Sql): Promise<void> {
  await owner`vacuum analyze`;
  await owner`checkpoint`;
}

/** Checks that every accepted entry is stored, and has a seal unless it was inserted plainly. */
async function assertComplete(owner: postgres.Sql, accepted: ReadonlyMap<string, number>, plainly: WriteMeta): Promise<void> {
  for (const [tenantId, count] of accepted) {
    const [found] = await owner<{ entries: number; seals: number }[]>`
      select (select count(*)::int from audit.entries where tenant_id = ${tenantId}) as entries,
             (select count(*)::int from audit.seals where tenant_id = ${tenantId}) as seals`;
    const seals = tenantId === plainly.tenantId ? 0 : count;
    if (found?.entries !== count || found.seals !== seals)
      throw new Error(`${count} entries of ${tenantId} were accepted, and the tables have ${JSON.stringify(found)}.`);
  }
}
