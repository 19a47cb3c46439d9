import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { postgres } from "@weft/pg-driver";
import { startTestWeft, type TestTenant, type TestWeft } from "@weft/testkit";
import { type Exported, exported, sealedTenant, verified } from "@weft/testkit/audit/audit-exports";
import { cutChain, rebuildChain, swapEntries } from "@weft/testkit/audit/rebuild-chain";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

// X7, with the owner of the database as the attacker: the chain is rebuilt, and every checkpoint in the database is gone.

let folder: string;
let weft: TestWeft;
let owner: postgres.Sql;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "weft-kept-"));
  weft = await startTestWeft({ settings: { AUDIT_CHECKPOINTS_FILE: join(folder, "checkpoints.jsonl") } });
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await owner.end();
  await weft.stop();
  await rm(folder, { recursive: true, force: true });
});

interface Kept {
  readonly tenant: TestTenant;
  /** Places of the checkpoints that were kept. */
  readonly places: readonly number[];
  readonly checkpoints: readonly string[];
}

async function headOf(tenant: TestTenant): Promise<{ sequence: number; checkpoint: string }> {
  await weft.weft.worker.idle();
  const [row] = await owner<{ sequence: number; signature: string }[]>`
    select sequence::int as sequence, signature from audit.checkpoints where tenant_id = ${tenant.id} order by sequence desc limit 1`;
  return { sequence: row?.sequence ?? 0, checkpoint: row?.signature ?? "" };
}

/** A tenant with entries before, between and after three checkpoints, of which copies are outside. */
async function tenantWithCopies(): Promise<Kept> {
  const tenant = await sealedTenant(weft);
  const heads = [await headOf(tenant)];
  for (const round of ["A", "B"]) {
    for (let n = 0; n < 4; n++)
      await tenant.admin.run("mutation ($input: CreateBuildingInput!) { createBuilding(input: $input) { building { id } } }", {
        input: { code: `${round}${n}`, name: "Building" },
      });
    heads.push(await headOf(tenant));
  }
  return {
    tenant,
    places: heads.map(({ sequence }) => sequence),
    checkpoints: heads.map(({ checkpoint }) => JSON.stringify({ checkpoint })),
  };
}

const withoutTraces = (tenant: TestTenant) => owner`delete from audit.checkpoints where tenant_id = ${tenant.id}`;

/** What an auditor finds in an export that is made after the attack. */
async function found({ tenant, checkpoints }: Kept, by: (tenant: TestTenant) => Promise<unknown>) {
  await by(tenant);
  await withoutTraces(tenant);
  // A new head is signed over what is there: the attacker has no key, and needs none for that.
  await tenant.admin.run("mutation ($input: CreateBuildingInput!) { createBuilding(input: $input) { building { id } } }", {
    input: { code: "AFTER", name: "After" },
  });
  await weft.weft.worker.idle();
  const file: Exported = await exported(weft, tenant.admin);
  return { without: await verified(weft, file), with: await verified(weft, { ...file, checkpoints }) };
}

describe("X7: without checkpoints from outside the export is valid, and with them the first bad place is named", () => {
  test("when an entry was changed and the chain rebuilt", async () => {
    const kept = await tenantWithCopies();
    const [first = 0, second = 0] = kept.places;
    const report = await found(kept, ({ id }) => rebuildChain(owner, id, first + 2));
    expect(report.without).toMatchObject({ isValid: true });
    expect(report.with).toMatchObject({
      isValid: false,
      agreesUpTo: first,
      firstProblem: {
        kind: "SEAL_CHANGED",
        sequence: second,
        message: `The chain up to ${second} differs from a checkpoint that was kept. The first one that was changed is one of the entries from ${first + 1} to ${second}.`,
      },
    });
  });

  test("when two entries were swapped and the chain rebuilt", async () => {
    const kept = await tenantWithCopies();
    const [, second = 0, third = 0] = kept.places;
    const report = await found(kept, ({ id }) => swapEntries(owner, id, second + 1));
    expect(report.without).toMatchObject({ isValid: true });
    expect(report.with).toMatchObject({ isValid: false, agreesUpTo: second, firstProblem: { kind: "SEAL_CHANGED", sequence: third } });
  });

  test("when the newest entries were deleted, and others took their places", async () => {
    const kept = await tenantWithCopies();
    const [, second = 0, third = 0] = kept.places;
    const report = await found(kept, ({ id }) => cutChain(owner, id, third - 1));
    expect(report.without).toMatchObject({ isValid: true });
    expect(report.with).toMatchObject({ isValid: false, agreesUpTo: second, firstProblem: { kind: "SEAL_CHANGED", sequence: third } });
  });

  test("when so many were deleted that the chain ends before a checkpoint", async () => {
    const kept = await tenantWithCopies();
    const [first = 0, second = 0] = kept.places;
    const report = await found(kept, ({ id }) => cutChain(owner, id, first));
    expect(report.without).toMatchObject({ isValid: true });
    expect(report.with).toMatchObject({ isValid: false, agreesUpTo: first, firstProblem: { kind: "SEAL_MISSING" } });
    expect(report.with.firstProblem?.sequence).toBeLessThan(second);
  });

  test("and nothing, when nothing was changed", async () => {
    const kept = await tenantWithCopies();
    const report = await found(kept, async () => undefined);
    expect(report.with).toMatchObject({ isValid: true, firstProblem: null, agreesUpTo: kept.places.at(-1) });
  });
});

test("two checkpoints of one place, which only a chain that was rebuilt can have, are a problem even if one of them agrees", async () => {
  const kept = await tenantWithCopies();
  const [, , third = 0] = kept.places;
  await cutChain(owner, kept.tenant.id, third - 1);
  await kept.tenant.admin.run("mutation ($input: CreateBuildingInput!) { createBuilding(input: $input) { building { id } } }", {
    input: { code: "OTHER", name: "Other" },
  });
  const { sequence, checkpoint } = await headOf(kept.tenant);
  expect(sequence).toBe(third);
  const file = await exported(weft, kept.tenant.admin);
  const checkpoints = [...kept.checkpoints, JSON.stringify({ checkpoint })];
  expect(await verified(weft, { ...file, checkpoints: [JSON.stringify({ checkpoint })] })).toMatchObject({ isValid: true });
  expect(await verified(weft, { ...file, checkpoints })).toMatchObject({
    isValid: false,
    firstProblem: { kind: "SEAL_CHANGED", sequence: third },
  });
});

test("checkpoints of other organizations are not used, and changed ones are a problem", async () => {
  const [acme, globex] = [await tenantWithCopies(), await tenantWithCopies()];
  const file = await exported(weft, acme.tenant.admin);
  expect(await verified(weft, { ...file, checkpoints: [...acme.checkpoints, ...globex.checkpoints, "", "{broken"] })).toMatchObject({
    isValid: true,
    agreesUpTo: acme.places.at(-1),
  });
  expect(await verified(weft, { ...file, checkpoints: globex.checkpoints })).toMatchObject({
    isValid: false,
    firstProblem: { kind: "CHECKPOINT_NOT_COVERED" },
  });
  const changed = acme.checkpoints.map((line) => line.replace(/\.[^."]{10}([^."]*")/, ".AAAAAAAAAA$1"));
  expect(changed).not.toEqual(acme.checkpoints);
  expect(await verified(weft, { ...file, checkpoints: changed })).toMatchObject({
    isValid: false,
    firstProblem: { kind: "CHECKPOINT_INVALID" },
  });
});

test("online, a checkpoint that was kept shows that the chain was rebuilt", async () => {
  const { tenant, checkpoints } = await tenantWithCopies();
  const verify = "query ($checkpoint: String) { verifyAuditTrail(checkpoint: $checkpoint) { isValid firstProblem { kind sequence } } }";
  const { checkpoint } = JSON.parse(checkpoints.at(-1) ?? "") as { checkpoint: string };
  await rebuildChain(owner, tenant.id, 2);
  await withoutTraces(tenant);
  await tenant.admin.run("mutation ($input: CreateBuildingInput!) { createBuilding(input: $input) { building { id } } }", {
    input: { code: "AFTER", name: "After" },
  });
  await weft.weft.worker.idle();
  expect(await tenant.admin.run(verify)).toMatchObject({ verifyAuditTrail: { isValid: true } });
  expect(await tenant.admin.run(verify, { checkpoint })).toMatchObject({
    verifyAuditTrail: { isValid: false, firstProblem: { kind: "SEAL_CHANGED" } },
  });
});

test("the worker appends what it has signed to the file, at the latest when it stops", async () => {
  const path = join(folder, "checkpoints.jsonl");
  const { tenant } = await tenantWithCopies();
  const file = await exported(weft, tenant.admin);
  await weft.weft.worker.idle();
  await weft.weft.worker.stop();
  const lines = (await readFile(path, "utf8")).split("\n");
  expect(lines.filter((line) => line.includes(`"organization":"ten_`)).length).toBeGreaterThan(0);
  // The export itself is an entry, which was sealed later.
  const report = await verified(weft, { ...file, checkpoints: lines });
  expect(report.firstProblem).toMatchObject({ kind: "SEAL_MISSING", sequence: file.upToSequence + 1 });
});
