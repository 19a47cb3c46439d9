import { createHash } from "node:crypto";
import { openBareDatabase, type BareDatabase } from "@weft/testkit/postgres/bare-database";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Computing } from "../computing/computing.js";
import { generateKeys } from "../config/keys.js";
import { asTenant } from "../db/as-tenant.js";
import type { WriteMeta } from "../events/write-meta.js";
import { newId } from "@weft/shared/ids";
import { inProcessPubSub } from "../pubsub/in-process.js";
import { checkpointSigner } from "./checkpoint.js";
import type { CheckpointSigner } from "./checkpoint.js";
import type { Image } from "./entry.js";
import { chainHash, entryHash, genesisHash, storedEntryColumns } from "./entry-hash.js";
import type { StoredEntry } from "./entry-hash.js";
import { openImages } from "./image.js";
import { sealBatch } from "./seal.js";
import { startSealer } from "./sealer.js";
import { countUnsealed } from "./verify.store.js";
import { verifyChain } from "./verify.js";
import type { ChainReport, ChainVerification } from "./verify.js";
import { writeAudit } from "./write.js";

let bare: BareDatabase;
let signer: CheckpointSigner;
const silent = { debug: () => undefined, info: () => undefined, error: () => undefined };

const newSigner = (): Promise<CheckpointSigner> => checkpointSigner(generateKeys().checkpoint);

beforeAll(async () => {
  bare = await openBareDatabase();
  signer = await newSigner();
});
afterAll(() => bare.close());

const inTenant = { app: () => bare.databases.app, worker: () => bare.databases.worker };

async function record(meta: WriteMeta, count: number): Promise<void> {
  await asTenant(inTenant.app(), { tenantId: meta.tenantId }, "write", (tx) =>
    writeAudit(
      tx,
      meta,
      Array.from({ length: count }, (_, n) => ({
        action: "vendor.update",
        entityType: "vendor",
        entityId: newId(),
        before: { version: n },
        after: { version: n + 1, name: `V${n}` },
      })),
    ),
  );
}

const seal = (meta: WriteMeta) =>
  asTenant(inTenant.worker(), { tenantId: meta.tenantId }, "write", (tx) => sealBatch(tx, meta.tenantId, { signer }));

/** Verifies a tenant's chain. `rest`: start and end of the verification. */
const verify = (meta: WriteMeta, knownCheckpoint: string | null = null, rest: Partial<ChainVerification> = {}): Promise<ChainReport> =>
  asTenant(inTenant.app(), { tenantId: meta.tenantId }, "read", (tx) =>
    verifyChain(tx, meta.tenantId, { signer, knownCheckpoint, computing: Computing.inBackground(meta.tenantId), ...rest }),
  );

/** Creates a tenant with a chain of ten entries and two checkpoints, at 6 and at 10. */
async function sealedTenant(): Promise<WriteMeta> {
  const meta = await bare.tenant();
  await record(meta, 6);
  await seal(meta);
  await record(meta, 4);
  await seal(meta);
  expect(await verify(meta)).toMatchObject({ isValid: true, verifiedEntries: 10, unsealed: 0, head: { sequence: 10 } });
  return meta;
}

const entryAt = async ({ tenantId }: WriteMeta, sequence: number): Promise<string> => {
  const [row] = await bare.owner<
    { entry_id: string }[]
  >`select entry_id from audit.seals where tenant_id = ${tenantId} and sequence = ${sequence}`;
  return row?.entry_id ?? "";
};

test("counts unsealed entries page by page, regardless of the page they are on", async () => {
  const meta = await sealedTenant();
  await record(meta, 3);
  const count = (pageSize?: number) => asTenant(inTenant.app(), { tenantId: meta.tenantId }, "read", (tx) => countUnsealed(tx, pageSize));
  for (const pageSize of [1, 2, 5, 13, undefined]) expect(await count(pageSize)).toEqual({ unsealed: 3, waiting: 3 });
  await asTenant(inTenant.worker(), { tenantId: meta.tenantId }, "write", (tx) =>
    tx.execute("delete from audit.unsealed where entry_id = (select max(entry_id::text)::uuid from audit.unsealed)"),
  );
  for (const pageSize of [1, 2, 5, 13, undefined]) expect(await count(pageSize)).toEqual({ unsealed: 3, waiting: 2 });
  expect(await verify(meta)).toMatchObject({ isValid: false, unsealed: 3, firstProblem: { kind: "SEAL_MISSING", sequence: 11 } });
});

test("the sealer chains pending entries in the order in which they were written, and later entries count as unsealed until the next run", async () => {
  const meta = await bare.tenant();
  await record(meta, 1_203);
  expect(await verify(meta)).toMatchObject({ isValid: true, verifiedEntries: 0, unsealed: 1_203, head: null });
  const sealer = startSealer({ databases: bare.databases, signer, log: silent, pubsub: inProcessPubSub() });
  await sealer.idle();
  await sealer.stop();
  expect(await verify(meta)).toMatchObject({ isValid: true, verifiedEntries: 1_203, firstProblem: null, unsealed: 0 });
  const rows = await bare.owner`select entry_id from audit.seals where tenant_id = ${meta.tenantId} order by sequence`;
  const written = await bare.owner`select id as entry_id from audit.entries where tenant_id = ${meta.tenantId} order by id`;
  expect([...rows]).toEqual([...written]);
});

test("two concurrent sealers extend one chain: nothing forks, and nothing is sealed twice", async () => {
  const meta = await bare.tenant();
  await record(meta, 40);
  await Promise.all([seal(meta), seal(meta), record(meta, 5).then(() => seal(meta))]);
  await seal(meta);
  expect(await verify(meta)).toMatchObject({ isValid: true, verifiedEntries: 45, unsealed: 0 });
});

test("an empty chain is valid", async () => {
  const report = { isValid: true, isComplete: true, verifiedEntries: 0, total: 0, firstProblem: null, unsealed: 0, head: null };
  expect(await verify(await bare.tenant())).toMatchObject(report);
});

test("Weft's roles cannot change or delete entries, seals, or checkpoints", async () => {
  const meta = await sealedTenant();
  for (const role of ["app", "worker"] as const) {
    for (const table of ["entries", "seals", "checkpoints"]) {
      for (const attack of [`update audit.${table} set tenant_id = tenant_id`, `delete from audit.${table}`, `truncate audit.${table}`]) {
        const attempt = asTenant(inTenant[role](), { tenantId: meta.tenantId }, "write", async (tx) => void (await tx.execute(attack)));
        await expect(attempt, `${role}: ${attack}`).rejects.toMatchObject({ cause: { code: "42501" } });
      }
    }
  }
});

interface Attack {
  readonly name: string;
  readonly by: (meta: WriteMeta) => Promise<unknown>;
  readonly found: { readonly kind: string; readonly sequence: number };
}

// Attacks of A48. Each uses the owner's privileges, for which nothing is append-only.
const attacks: readonly Attack[] = [
  {
    name: "a flipped byte of an entry",
    by: async (meta) =>
      bare.owner`update audit.entries set after = jsonb_set(after, '{name}', '"v2"') where tenant_id = ${meta.tenantId} and id = ${await entryAt(meta, 3)}`,
    found: { kind: "ENTRY_CHANGED", sequence: 3 },
  },
  {
    name: "an entry moved to another time",
    by: async (meta) =>
      bare.owner`update audit.entries set at = at - interval '1 microsecond' where tenant_id = ${meta.tenantId} and id = ${await entryAt(meta, 7)}`,
    found: { kind: "ENTRY_CHANGED", sequence: 7 },
  },
  {
    name: "two entries whose contents were swapped",
    by: async (meta) => {
      const [four, five] = [await entryAt(meta, 4), await entryAt(meta, 5)];
      await bare.owner`update audit.entries e set after = o.after, before = o.before, entity_id = o.entity_id from audit.entries o
        where e.tenant_id = ${meta.tenantId} and o.tenant_id = e.tenant_id and (e.id, o.id) in ((${four}, ${five}), (${five}, ${four}))`;
    },
    found: { kind: "ENTRY_CHANGED", sequence: 4 },
  },
  {
    name: "two seals whose entries and entry hashes were swapped",
    by: async ({ tenantId }) => {
      await bare.owner.begin(async (sql) => {
        await sql`alter table audit.seals drop constraint seals_entry_key`;
        await sql`update audit.seals s set entry_id = o.entry_id, entry_hash = o.entry_hash from audit.seals o
          where s.tenant_id = ${tenantId} and o.tenant_id = s.tenant_id and (s.sequence, o.sequence) in ((2, 3), (3, 2))`;
        await sql`alter table audit.seals add constraint seals_entry_key unique (tenant_id, entry_id)`;
      });
    },
    found: { kind: "SEAL_CHANGED", sequence: 2 },
  },
  {
    name: "a deleted entry",
    by: async (meta) => bare.owner`delete from audit.entries where tenant_id = ${meta.tenantId} and id = ${await entryAt(meta, 8)}`,
    found: { kind: "ENTRY_MISSING", sequence: 8 },
  },
  {
    name: "a deleted seal in the middle",
    by: ({ tenantId }) => bare.owner`delete from audit.seals where tenant_id = ${tenantId} and sequence = 5`,
    found: { kind: "SEAL_MISSING", sequence: 5 },
  },
  {
    name: "the newest entries deleted with their seals",
    by: async (meta) => {
      await bare.owner`delete from audit.entries where tenant_id = ${meta.tenantId} and id in (select entry_id from audit.seals where tenant_id = ${meta.tenantId} and sequence > 8)`;
      await bare.owner`delete from audit.seals where tenant_id = ${meta.tenantId} and sequence > 8`;
    },
    found: { kind: "SEAL_MISSING", sequence: 9 },
  },
  {
    name: "the newest entries deleted with their seals and checkpoint, down to a place that no checkpoint signs",
    by: async (meta) => {
      await bare.owner`delete from audit.entries where tenant_id = ${meta.tenantId} and id in (select entry_id from audit.seals where tenant_id = ${meta.tenantId} and sequence > 8)`;
      await bare.owner`delete from audit.seals where tenant_id = ${meta.tenantId} and sequence > 8`;
      await bare.owner`delete from audit.checkpoints where tenant_id = ${meta.tenantId} and sequence > 8`;
    },
    found: { kind: "CHECKPOINT_MISSING", sequence: 8 },
  },
  {
    name: "all checkpoints deleted",
    by: ({ tenantId }) => bare.owner`delete from audit.checkpoints where tenant_id = ${tenantId}`,
    found: { kind: "CHECKPOINT_MISSING", sequence: 10 },
  },
  {
    name: "a checkpoint signed by another key",
    by: async ({ tenantId }) => {
      const [row] = await bare.owner<{ hash: string }[]>`select hash from audit.checkpoints where tenant_id = ${tenantId} and sequence = 6`;
      const signature = await (await newSigner()).sign({ tenant: tenantId, sequence: 6, hash: row?.hash ?? "" });
      await bare.owner`update audit.checkpoints set signature = ${signature} where tenant_id = ${tenantId} and sequence = 6`;
    },
    found: { kind: "CHECKPOINT_INVALID", sequence: 6 },
  },
  {
    name: "an entry changed and the whole chain rebuilt behind it",
    by: async (meta) => {
      await bare.owner`update audit.entries set actor_id = ${newId()} where tenant_id = ${meta.tenantId} and id = ${await entryAt(meta, 2)}`;
      await rebuild(meta.tenantId);
    },
    found: { kind: "SEAL_CHANGED", sequence: 6 },
  },
  {
    name: "an entry that was put in past the writer",
    by: ({ tenantId }) => bare.owner`insert into audit.entries (tenant_id, id, action, entity_type, entity_id, actor_id, request_id)
      values (${tenantId}, ${newId()}, 'vendor.update', 'vendor', ${newId()}, ${newId()}, 'forged')`,
    found: { kind: "SEAL_MISSING", sequence: 11 },
  },
];

/** Rebuilds a chain as an attacker who knows this code would. The attacker lacks only the signing key. */
async function rebuild(tenantId: string): Promise<void> {
  const { PgDialect } = await import("drizzle-orm/pg-core");
  const columns = new PgDialect().sqlToQuery(storedEntryColumns).sql;
  const entries = await bare.owner.unsafe(
    `select s.sequence::int as sequence, ${columns} from audit.seals s
    join audit.entries e on e.tenant_id = s.tenant_id and e.id = s.entry_id where s.tenant_id = $1 order by s.sequence`,
    [tenantId],
  );
  let hash = genesisHash(tenantId);
  for (const row of entries) {
    const { sequence, ...entry } = row as unknown as Parameters<typeof entryHash>[1] & { sequence: number };
    const hashOfEntry = entryHash(tenantId, entry);
    hash = chainHash(hash, hashOfEntry, sequence);
    await bare.owner`update audit.seals set entry_hash = ${hashOfEntry}, hash = ${hash} where tenant_id = ${tenantId} and sequence = ${sequence}`;
  }
}

test.each(attacks)("A48: detects $name and reports the first invalid position", async ({ by, found }) => {
  const meta = await sealedTenant();
  const bystander = await sealedTenant();
  await by(meta);
  const report = await verify(meta);
  expect(report).toMatchObject({ isValid: false, firstProblem: found });
  expect(report.firstProblem?.message).toMatch(/[a-z].*\.$/);
  expect(await verify(bystander)).toMatchObject({ isValid: true });
});

test("A48: an externally stored head reveals that the newest entries were deleted with their seals and checkpoints, back to an older checkpoint", async () => {
  const meta = await sealedTenant();
  const kept = (await verify(meta)).head?.signature ?? "";
  await bare.owner`delete from audit.entries where tenant_id = ${meta.tenantId} and id in (select entry_id from audit.seals where tenant_id = ${meta.tenantId} and sequence > 6)`;
  await bare.owner`delete from audit.seals where tenant_id = ${meta.tenantId} and sequence > 6`;
  await bare.owner`delete from audit.checkpoints where tenant_id = ${meta.tenantId} and sequence > 6`;
  expect(await verify(meta)).toMatchObject({ isValid: true });
  expect(await verify(meta, kept)).toMatchObject({ isValid: false, firstProblem: { kind: "SEAL_MISSING", sequence: 7 } });
});

test("refuses an externally stored head that belongs to another tenant or was not signed by us", async () => {
  const [one, other] = [await sealedTenant(), await sealedTenant()];
  const foreign = (await verify(other)).head?.signature ?? "";
  expect(await verify(one, foreign)).toMatchObject({ isValid: false, firstProblem: { kind: "CHECKPOINT_INVALID" } });
  expect(await verify(one, "not.a.checkpoint")).toMatchObject({ isValid: false, firstProblem: { kind: "CHECKPOINT_INVALID" } });
});

test("a verification continues where the previous one ended, and reads only new entries", async () => {
  const meta = await sealedTenant();
  const { place } = await verify(meta);
  expect(place).toMatchObject({ sequence: 10 });
  await record(meta, 3);
  await seal(meta);
  expect(await verify(meta, null, { from: place })).toMatchObject({
    isValid: true,
    isComplete: true,
    from: 10,
    verifiedEntries: 3,
    head: { sequence: 13 },
  });
  await bare.owner`update audit.entries set action = 'vendor.updatf' where tenant_id = ${meta.tenantId} and id = ${await entryAt(meta, 12)}`;
  expect(await verify(meta, null, { from: place })).toMatchObject({
    isValid: false,
    verifiedEntries: 1,
    firstProblem: { kind: "ENTRY_CHANGED", sequence: 12 },
  });
});

test("a verification that ends early reports it and can be resumed at a position that is not a checkpoint", async () => {
  const meta = await bare.tenant();
  await record(meta, 1_203);
  for (let batch = 0; batch < 3; batch++) await seal(meta);
  const first = await verify(meta, null, { maxEntries: 600 });
  expect(first).toMatchObject({ isValid: true, isComplete: false, verifiedEntries: 1_000, total: 1_203 });
  const middle = { ...first.place, checkpoint: null };
  expect(await verify(meta, null, { from: middle, isPartOfWhole: true })).toMatchObject({
    isValid: true,
    isComplete: true,
    from: 1_000,
    verifiedEntries: 203,
  });
});

test("a resumed verification requires the chain that was verified: it detects a rebuilt or shortened chain", async () => {
  const [rebuilt, cut] = [await sealedTenant(), await sealedTenant()];
  const [{ place: ofRebuilt }, { place: ofCut, head }] = [await verify(rebuilt), await verify(cut)];
  await bare.owner`update audit.entries set actor_id = ${newId()} where tenant_id = ${rebuilt.tenantId} and id = ${await entryAt(rebuilt, 2)}`;
  await rebuild(rebuilt.tenantId);
  expect(await verify(rebuilt, null, { from: ofRebuilt })).toMatchObject({
    isValid: false,
    firstProblem: { kind: "SEAL_CHANGED", sequence: 10 },
  });
  await bare.owner`delete from audit.seals where tenant_id = ${cut.tenantId} and sequence > 6`;
  await bare.owner`delete from audit.checkpoints where tenant_id = ${cut.tenantId} and sequence > 6`;
  expect(await verify(cut, null, { from: ofCut })).toMatchObject({ isValid: false, firstProblem: { kind: "SEAL_MISSING", sequence: 10 } });
  expect(await verify(cut, head?.signature, { from: { ...ofCut, sequence: 6, hash: ofCut.hash } })).toMatchObject({ isValid: false });
});

test("an externally stored head from before the start is also compared with the chain", async () => {
  const meta = await bare.tenant();
  await record(meta, 6);
  await seal(meta);
  const kept = (await verify(meta)).head?.signature ?? "";
  await record(meta, 4);
  await seal(meta);
  const { place } = await verify(meta);
  expect(await verify(meta, kept, { from: place })).toMatchObject({ isValid: true, verifiedEntries: 0 });
  await bare.owner`update audit.seals set hash = ${"0".repeat(64)} where tenant_id = ${meta.tenantId} and sequence = 6`;
  expect(await verify(meta, kept, { from: place })).toMatchObject({ isValid: false, firstProblem: { kind: "SEAL_CHANGED", sequence: 6 } });
});

test("A49: a user whose key is destroyed is unreadable everywhere, and the chain still verifies", async () => {
  const meta = await bare.tenant();
  const [person, other] = [newId(), newId()];
  const image = (id: string, name: string): Image => ({
    id,
    tenantId: meta.tenantId,
    email: `${name}@example.com`,
    username: name,
    name,
    passwordHash: "$argon2id$abc",
    version: 1,
  });
  await asTenant(bare.databases.app, { tenantId: meta.tenantId }, "write", (tx) =>
    writeAudit(tx, meta, [
      { action: "user.create", entityType: "user", entityId: person, before: null, after: image(person, "marker-of-ada") },
      { action: "user.create", entityType: "user", entityId: other, before: null, after: image(other, "bob") },
    ]),
  );
  await seal(meta);
  const stored = await bare.owner<
    { entry: string; address: string }[]
  >`select e::text as entry, address from audit.entries e where tenant_id = ${meta.tenantId}`;
  expect(stored.map(({ entry }) => entry).join()).not.toMatch(/marker-of-ada|bob@|argon2id|192\.0\.2\.7/);

  const read = () =>
    asTenant(bare.databases.app, { tenantId: meta.tenantId }, "read", async (tx) => {
      const rows = await bare.owner<
        { entity_type: string; after: Image }[]
      >`select entity_type, after from audit.entries where tenant_id = ${meta.tenantId} order by id`;
      return openImages(
        tx,
        bare.keyring,
        meta.tenantId,
        rows.map(({ entity_type, after }) => ({ type: entity_type, image: after })),
      );
    });
  expect(await read()).toMatchObject([
    { name: "marker-of-ada", email: "marker-of-ada@example.com", passwordHash: "[secret]" },
    { name: "bob" },
  ]);

  await asTenant(bare.databases.app, { tenantId: meta.tenantId }, "write", (tx) => bare.keyring.destroy(tx, meta.tenantId, person));
  expect(await read()).toMatchObject([{ name: "[erased]", email: "[erased]", username: "[erased]", version: 1 }, { name: "bob" }]);
  expect(await verify(meta)).toMatchObject({ isValid: true, verifiedEntries: 2 });
});

describe("the hash of an entry", () => {
  const old: StoredEntry = {
    id: "01a22f1a-f65f-7000-9c78-635b8fa9a68b",
    action: "building.create",
    entity_type: "building",
    entity_id: "01a22f1a-f65f-7000-9c78-635b8fa9a68c",
    before: null,
    after: '{"name": "House"}',
    actor_id: "01a22f1a-f65f-7000-9c78-635b8fa9a68d",
    on_behalf_of: null,
    session_id: null,
    request_id: "r",
    address: null,
    class: "CHANGE",
    outcome: "SUCCESS",
    details: null,
    client_name: null,
    client_version: null,
    user_agent: null,
    at: "2026-03-01T09:30:00.000000Z",
  };
  const tenantId = "01a22f1a-f65f-7000-9c78-635b8fa9a68a";

  test("is that of earlier releases for entries without a client", () => {
    const {
      class: _class,
      outcome: _outcome,
      details: _details,
      client_name: _name,
      client_version: _version,
      user_agent: _agent,
      ...known
    } = old;
    const columns = ["weft.audit.entry.v1", tenantId, ...Object.values(known)];
    expect(entryHash(tenantId, old)).toBe(createHash("sha256").update(JSON.stringify(columns)).digest("hex"));
  });

  test("covers the class, the outcome, the details and the client", () => {
    const entry: StoredEntry = { ...old, client_name: "desk", client_version: "1", user_agent: "enc:1" };
    const changes: Partial<StoredEntry>[] = [
      { class: "FORBIDDEN" },
      { outcome: "REFUSED" },
      { details: '{"count": 1}' },
      { client_name: "other" },
      { client_version: null },
      { user_agent: null },
      { client_name: null, client_version: null, user_agent: null },
    ];
    const hashes = [old, entry, ...changes.flatMap((change) => [{ ...entry, ...change }])].map((each) => entryHash(tenantId, each));
    // Without a client it is the old entry, whose hash differs from the sealed one.
    expect(new Set(hashes).size).toBe(changes.length + 1);
    expect(hashes.at(-1)).toBe(hashes[0]);
  });
});
