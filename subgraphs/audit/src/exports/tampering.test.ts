import { createHash, generateKeyPairSync } from "node:crypto";
import { publicCheckpointKeys } from "@weft/platform/audit";
import { verifyExport } from "@weft/platform/audit-exports";
import { encodeId } from "@weft/shared/ids";
import { sharedWeft, type SharedWeft, type TestTenant } from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rebuildChain } from "@weft/testkit/audit/rebuild-chain";
import { type Exported, exported, sealedTenant, verified } from "@weft/testkit/audit/audit-exports";

let weft: SharedWeft;
let owner: postgres.Sql;
let acme: TestTenant;
let checkpoint: string;
const files = new Map<string, Exported>();

beforeAll(async () => {
  weft = await sharedWeft();
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
  acme = await sealedTenant(weft);
  checkpoint = await newestCheckpoint(acme);
  for (const format of ["CSV", "JSON_LINES"]) files.set(format, await exported(weft, acme.admin, { format }));
});
afterAll(async () => {
  await owner.end();
});

async function newestCheckpoint({ id }: TestTenant): Promise<string> {
  const [row] = await owner<{ signature: string }[]>`
    select signature from audit.checkpoints where tenant_id = ${id} order by sequence desc limit 1`;
  return row?.signature ?? "";
}

/** The records of a file. A header is the first. In these files, texts have no line breaks. */
const recordsOf = ({ text }: Exported): string[] => text.split(/(?<=\n)/);
const offset = (format: string): number => (format === "CSV" ? 1 : 0);

interface Tampering {
  readonly name: string;
  readonly by: (records: string[], first: number) => string[];
  readonly found: object;
}

const changed = (records: string[], at: number, change: (record: string) => string): string[] =>
  records.map((record, index) => (index === at ? change(record) : record));

const tamperings: readonly Tampering[] = [
  {
    name: "a flipped byte of what people read",
    by: (records, first) => changed(records, first + 2, (record) => record.replace(/aud_./, "aud_z")),
    found: { kind: "ROW_CHANGED", sequence: 3, row: 3 },
  },
  {
    name: "a flipped byte of what was hashed",
    by: (records, first) => changed(records, first + 3, (record) => record.replace("weft.audit.entry.v1", "weft.audit.entry.v2")),
    found: { kind: "ENTRY_CHANGED", sequence: 4, row: 4 },
  },
  {
    name: "a flipped byte of a hash of the chain",
    by: (records, first) =>
      changed(records, first + 4, (record) => {
        const hash = record.match(/[0-9a-f]{64}/g)?.at(-1) ?? "";
        return record.replaceAll(hash, `${hash.startsWith("0") ? "1" : "0"}${hash.slice(1)}`);
      }),
    found: { kind: "SEAL_CHANGED", sequence: 5, row: 5 },
  },
  {
    name: "two entries that were swapped",
    by: (records, first) => {
      const swapped = [...records];
      [swapped[first + 1], swapped[first + 2]] = [swapped[first + 2] ?? "", swapped[first + 1] ?? ""];
      return swapped;
    },
    found: { kind: "SEAL_MISSING", sequence: 2, row: 2 },
  },
  {
    name: "an entry that was removed",
    by: (records, first) => records.toSpliced(first + 3, 1),
    found: { kind: "SEAL_MISSING", sequence: 4, row: 4 },
  },
  {
    name: "an entry that was repeated",
    by: (records, first) => records.toSpliced(first + 3, 0, records[first + 2] ?? ""),
    found: { kind: "SEAL_MISSING", sequence: 4, row: 4 },
  },
  {
    name: "the newest entry removed",
    by: (records) => records.slice(0, -1),
    found: { kind: "SEAL_MISSING", row: null },
  },
  {
    name: "a file that was cut within an entry",
    by: (records) => changed(records, records.length - 1, (record) => record.slice(0, 90)),
    found: { kind: "ROW_UNREADABLE" },
  },
  {
    name: "a summary that was rewritten, which no hash of the chain covers",
    by: (records, first) => changed(records, first + 1, (record) => record.replace(/Created|Added|Set|Changed/, "Erased!")),
    found: { kind: "FILE_CHANGED" },
  },
];

describe.each(["CSV", "JSON_LINES"])("in a file in %s", (format) => {
  test.each(tamperings)("A48: $name is named as the first bad place", async ({ by, found }) => {
    const file = files.get(format);
    if (!file) throw new Error("The file is missing.");
    const records = recordsOf(file).filter((record) => record !== "");
    const text = by(records, offset(format)).join("");
    expect(text).not.toBe(file.text);
    const report = await verified(weft, { text, proof: file.proof });
    expect(report).toMatchObject({ isValid: false, firstProblem: found });
    expect(report.firstProblem?.message).toMatch(/^[A-Z].*\.$/);
  });

  test("the untouched file agrees with a checkpoint that was kept outside", async () => {
    const file = files.get(format);
    if (!file) throw new Error("The file is missing.");
    expect(await verified(weft, { ...file, checkpoint })).toMatchObject({ isValid: true, firstProblem: null });
  });
});

test.each([
  ["without an actor", (values: unknown[]) => values.with(8, null)],
  ["with an ID that is none", (values: unknown[]) => values.with(2, "x")],
  ["with too few values", (values: unknown[]) => values.slice(0, -1)],
])("a hashed text %s, with the hash that it has, is named", async (_name, change) => {
  const file = files.get("JSON_LINES");
  if (!file) throw new Error("The file is missing.");
  const records = recordsOf(file);
  const row = JSON.parse(records[2] ?? "") as { hashedText: string };
  const hashedText = JSON.stringify(change(JSON.parse(row.hashedText) as unknown[]));
  const entryHash = createHash("sha256").update(hashedText).digest("hex");
  const text = records.with(2, `${JSON.stringify({ ...row, hashedText, entryHash })}\n`).join("");
  expect(await verified(weft, { text, proof: file.proof })).toMatchObject({
    isValid: false,
    firstProblem: { kind: "ENTRY_CHANGED", sequence: 3, row: 3 },
  });
});

test("an export of another organization is refused where one is expected", async () => {
  const file = files.get("CSV");
  if (!file) throw new Error("The file is missing.");
  expect(await verified(weft, { ...file, organization: encodeId("tenant", acme.id) })).toMatchObject({ isValid: true });
  const other = await weft.tenant();
  expect(await verified(weft, { ...file, organization: encodeId("tenant", other.id) })).toMatchObject({
    isValid: false,
    firstProblem: { kind: "ORGANIZATION_DIFFERS" },
  });
});

test("a proof that other keys signed, or that belongs to another file, is refused", async () => {
  const [csv, lines] = [files.get("CSV"), files.get("JSON_LINES")];
  const { publicKey } = generateKeyPairSync("ed25519");
  async function* open(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(csv?.text ?? "");
  }
  const foreign = { ...publicKey.export({ format: "jwk" }), kid: "other", alg: "EdDSA" };
  expect(await verifyExport({ open, proof: csv?.proof ?? "", keys: [foreign] })).toMatchObject({
    isValid: false,
    proof: null,
    firstProblem: { kind: "PROOF_INVALID" },
  });
  expect(await verified(weft, { text: csv?.text ?? "", proof: lines?.proof ?? "" })).toMatchObject({ isValid: false });
  // A checkpoint is signed by the same key, and is another kind of text.
  expect(await verified(weft, { text: csv?.text ?? "", proof: checkpoint })).toMatchObject({ firstProblem: { kind: "PROOF_INVALID" } });
  expect(publicCheckpointKeys(weft.weft.services.keys.checkpoint)[0]).not.toHaveProperty("d");
});

test("a checkpoint of another organization is refused, and one that the export does not contain counts as a problem", async () => {
  const globex = await sealedTenant(weft);
  const file = files.get("JSON_LINES");
  if (!file) throw new Error("The file is missing.");
  expect(await verified(weft, { ...file, checkpoint: await newestCheckpoint(globex) })).toMatchObject({
    isValid: false,
    firstProblem: { kind: "CHECKPOINT_INVALID" },
  });
  const filtered = await exported(weft, acme.admin, { filter: { action: { eq: "no.such" } } });
  expect(await verified(weft, { ...filtered, checkpoint })).toMatchObject({
    isValid: false,
    firstProblem: { kind: "CHECKPOINT_NOT_COVERED" },
  });
});

describe("what the owner of the database did before the export", () => {
  test("A48: a changed entry is named", async () => {
    const tenant = await sealedTenant(weft);
    await owner`update audit.entries set action = 'building.creatf' where tenant_id = ${tenant.id} and id = (
      select entry_id from audit.seals where tenant_id = ${tenant.id} and sequence = 4)`;
    const file = await exported(weft, tenant.admin);
    expect(await verified(weft, file)).toMatchObject({
      isValid: false,
      verifiedEntries: 3,
      firstProblem: { kind: "ENTRY_CHANGED", sequence: 4 },
    });
  });

  test("A48: a deleted entry is named", async () => {
    const tenant = await sealedTenant(weft);
    await owner`delete from audit.entries where tenant_id = ${tenant.id} and id = (
      select entry_id from audit.seals where tenant_id = ${tenant.id} and sequence = 3)`;
    const file = await exported(weft, tenant.admin);
    expect(await verified(weft, file)).toMatchObject({ isValid: false, firstProblem: { kind: "ENTRY_MISSING", sequence: 3 } });
  });

  test("A48: the newest entries deleted with their seals and checkpoints are missed by a checkpoint that was kept outside", async () => {
    const tenant = await sealedTenant(weft);
    const [at] = await owner<
      { sequence: number }[]
    >`select max(sequence)::int as sequence from audit.checkpoints where tenant_id = ${tenant.id}`;
    const last = at?.sequence ?? 0;
    await exported(weft, tenant.admin);
    await weft.weft.worker.idle();
    const kept = await newestCheckpoint(tenant);
    await owner`delete from audit.entries where tenant_id = ${tenant.id} and id in (
      select entry_id from audit.seals where tenant_id = ${tenant.id} and sequence > ${last})`;
    await owner`delete from audit.seals where tenant_id = ${tenant.id} and sequence > ${last}`;
    await owner`delete from audit.checkpoints where tenant_id = ${tenant.id} and sequence > ${last}`;
    const file = await exported(weft, tenant.admin);
    expect(file.upToSequence).toBe(last);
    expect(await verified(weft, file)).toMatchObject({ isValid: true });
    const firstProblem = { kind: "SEAL_MISSING", sequence: last + 1 };
    expect(await verified(weft, { ...file, checkpoint: kept })).toMatchObject({ isValid: false, firstProblem });
  });

  test("A48: a chain that was rebuilt differs from its checkpoints, and from one that was kept outside when these were removed", async () => {
    const tenant = await sealedTenant(weft);
    const kept = await newestCheckpoint(tenant);
    await rebuildChain(owner, tenant.id, 2);
    const first = await exported(weft, tenant.admin);
    expect(await verified(weft, first)).toMatchObject({ isValid: false, firstProblem: { kind: "SEAL_CHANGED" } });
    await owner`delete from audit.checkpoints where tenant_id = ${tenant.id}`;
    const second = await exported(weft, tenant.admin);
    expect(await verified(weft, { ...second, checkpoint: kept })).toMatchObject({ isValid: false, firstProblem: { kind: "SEAL_CHANGED" } });
  });
});
