import { until } from "@weft/testkit/until";
import { sharedWeft, startTestWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";

let weft: SharedWeft;
let owner: postgres.Sql;
beforeAll(async () => {
  weft = await sharedWeft();
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => {} });
});
afterAll(async () => {
  await owner.end();
});

interface Verification {
  readonly id: string;
  readonly status: string;
  readonly total: number;
  readonly verifiedEntries: number;
  readonly createdBy: { readonly id: string };
  readonly finishedAt: string | null;
  readonly report: {
    readonly isValid: boolean;
    readonly verifiedFrom: number;
    readonly verifiedEntries: number;
    readonly checkpoint: string | null;
    readonly firstProblem: { readonly kind: string; readonly sequence: number } | null;
  } | null;
}

const fields =
  "id status message total verifiedEntries createdBy { id } finishedAt report { isValid isComplete verifiedFrom verifiedEntries unsealedEntries checkpoint firstProblem { kind sequence } }";
const start = `mutation ($input: StartAuditVerificationInput!) { startAuditVerification(input: $input) { verification { ${fields} } } }`;
const read = `query ($id: ID!) { auditVerification(id: $id) { ${fields} } }`;

async function started(user: TestUser, input: object = {}): Promise<Verification> {
  const { startAuditVerification } = await user.run<{ startAuditVerification: { verification: Verification } }>(start, { input });
  return startAuditVerification.verification;
}

async function ended(user: TestUser, id: string): Promise<Verification> {
  let last: Verification | undefined;
  const isOver = async (): Promise<boolean> => {
    last = (await user.run<{ auditVerification: Verification }>(read, { id })).auditVerification;
    return last.status !== "RUNNING";
  };
  await until(isOver, { what: "the verification is over", deadlineMs: 30_000 });
  if (!last) throw new Error("the verification was never read");
  return last;
}

/** Returns a tenant whose entries are all sealed. */
async function sealedTenant(): Promise<TestTenant> {
  const acme = await weft.tenant();
  await acme.maintenance();
  await weft.weft.worker.idle();
  return acme;
}

test("the complete trail is verified in the background, and the result is stored and can be read", async () => {
  const acme = await sealedTenant();
  const verification = await started(acme.admin);
  expect(verification).toMatchObject({ status: "RUNNING", createdBy: { id: acme.admin.id }, report: null, finishedAt: null });
  expect(verification.id).toMatch(/^avf_/);
  expect(verification.total).toBeGreaterThan(4);
  const { status, report, total, verifiedEntries } = await ended(acme.admin, verification.id);
  expect({ status, report }).toMatchObject({ status: "COMPLETED", report: { isValid: true, verifiedFrom: 1, firstProblem: null } });
  expect([verifiedEntries, report?.verifiedEntries]).toEqual([total, total]);
  expect(report?.checkpoint).toEqual(expect.any(String));
  const { verifyAuditTrail } = await acme.admin.run<{ verifyAuditTrail: { verifiedFrom: number } }>(
    "{ verifyAuditTrail { verifiedFrom } }",
  );
  expect(verifyAuditTrail.verifiedFrom).toBeGreaterThan(total);
  const { auditEntries } = await acme.admin.run<{ auditEntries: { edges: { node: { action: string; entityId: string } }[] } }>(
    '{ auditEntries(filter: { action: { eq: "audit.verify" } }) { edges { node { action entityId } } } }',
  );
  expect(auditEntries.edges.map(({ node }) => node)).toEqual([{ action: "audit.verify", entityId: verification.id }]);
});

test("it finds changes made before the last verification, which a verification of new entries does not", async () => {
  const acme = await sealedTenant();
  const quick = "{ verifyAuditTrail { isValid } }";
  expect(await acme.admin.run(quick)).toEqual({ verifyAuditTrail: { isValid: true } });
  await owner`update audit.entries set action = 'building.creatf' where tenant_id = ${acme.id} and action = 'building.create'`;
  expect(await acme.admin.run(quick)).toEqual({ verifyAuditTrail: { isValid: true } });
  const { report } = await ended(acme.admin, (await started(acme.admin)).id);
  expect(report).toMatchObject({ isValid: false, checkpoint: null, firstProblem: { kind: "ENTRY_CHANGED" } });
});

test("an entry that was inserted without the writer has no seal and is found at the end", async () => {
  const acme = await sealedTenant();
  await owner`insert into audit.entries (tenant_id, id, action, entity_type, entity_id, actor_id, request_id)
    values (${acme.id}, gen_random_uuid(), 'vendor.update', 'vendor', gen_random_uuid(), gen_random_uuid(), 'forged')`;
  const { report } = await ended(acme.admin, (await started(acme.admin)).id);
  expect(report).toMatchObject({ isValid: false, firstProblem: { kind: "SEAL_MISSING" } });
});

test("only one verification runs at a time: a second start returns the running one, unless the checkpoints differ", async () => {
  const acme = await sealedTenant();
  await acme.admin.run("{ verifyAuditTrail { isValid } }");
  // The verification cannot end while this row is locked.
  const id = await owner.begin(async (sql) => {
    await sql`select 1 from audit.verified_ends where tenant_id = ${acme.id} for update`;
    const first = await started(acme.admin, { idempotencyKey: "once" });
    expect((await started(acme.admin, { idempotencyKey: "once" })).id).toBe(first.id);
    expect((await started(acme.admin)).id).toBe(first.id);
    const { errors } = await acme.admin.send(start, { input: { checkpoint: "another" } });
    expect(errors?.[0]).toMatchObject({ message: expect.stringContaining(first.id) as string, extensions: { code: "CONFLICT" } });
    return first.id;
  });
  expect((await ended(acme.admin, id)).status).toBe("COMPLETED");
  expect((await started(acme.admin)).id).not.toBe(id);
});

test("an interrupted verification resumes where it stopped", { tags: "slow" }, async () => {
  const acme = await sealedTenant();
  const [place] = await owner<{ sequence: number; hash: string }[]>`
    select sequence::int as sequence, hash from audit.seals where tenant_id = ${acme.id} and sequence = 3`;
  // Entries before this position were already verified, so they are not read again.
  await owner`update audit.entries set action = 'changed' where tenant_id = ${acme.id}
    and id = (select entry_id from audit.seals where tenant_id = ${acme.id} and sequence = 2)`;
  const [row] = await owner<{ id: string }[]>`
    insert into audit.verifications (tenant_id, id, total, sequence, hash, created_by)
    select ${acme.id}, gen_random_uuid(), 3, ${place?.sequence ?? 0}, ${place?.hash ?? ""}, id from identity.users where tenant_id = ${acme.id} limit 1
    returning id`;
  const isOver = async (): Promise<boolean> => {
    const [found] = await owner<
      { status: string; is_valid: boolean }[]
    >`select status, is_valid from audit.verifications where id = ${row?.id ?? ""}`;
    return found?.status === "COMPLETED" && found.is_valid;
  };
  await until(isOver, { what: "the verification is over", deadlineMs: 30_000 });
});

test(
  "a verification that fails repeatedly is abandoned, says so, and does not delay those of other tenants",
  { tags: "slow" },
  async () => {
    const impatient = await startTestWeft({ settings: { DATABASE_LOCK_TIMEOUT_MS: 100 } });
    const sql = postgres(impatient.database.ownerUrl, { max: 1, onnotice: () => {} });
    try {
      const [acme, globex] = [await impatient.tenant(), await impatient.tenant()];
      await impatient.weft.worker.idle();
      for (const { admin } of [acme, globex]) await admin.run("{ verifyAuditTrail { isValid } }");
      await sql.begin(async (held) => {
        // The end of the verification waits for this row and times out every time.
        await held`select 1 from audit.verified_ends where tenant_id = ${acme.id} for update`;
        const failing = await started(acme.admin);
        const startedAt = performance.now();
        const other = await started(globex.admin);
        expect(await ended(globex.admin, other.id)).toMatchObject({ status: "COMPLETED", report: { isValid: true } });
        await impatient.weft.worker.idle();
        expect(await ended(acme.admin, failing.id)).toMatchObject({
          status: "FAILED",
          report: null,
          message: expect.stringMatching(/^It failed 5 times at entry 1. See the worker's log for the reason\.$/) as string,
        });
        // Four pauses of five seconds.
        expect(performance.now() - startedAt).toBeGreaterThan(19_000);
      });
      expect(await ended(acme.admin, (await started(acme.admin)).id)).toMatchObject({ status: "COMPLETED", report: { isValid: true } });
    } finally {
      await sql.end();
      await impatient.stop();
    }
  },
);

test("verifications are listed newest first to users who can verify, and never to another tenant", async () => {
  const [acme, globex] = [await sealedTenant(), await weft.tenant()];
  const first = await ended(acme.admin, (await started(acme.admin)).id);
  const second = await ended(acme.admin, (await started(acme.admin)).id);
  const list = "{ auditVerifications { totalCount edges { node { id } } } }";
  expect(await acme.admin.run(list)).toEqual({
    auditVerifications: { totalCount: 2, edges: [{ node: { id: second.id } }, { node: { id: first.id } }] },
  });
  expect(await globex.admin.run(list)).toEqual({ auditVerifications: { totalCount: 0, edges: [] } });
  expect(await globex.admin.refusal(read, { id: first.id })).toBe("NOT_FOUND");
  const requester = await acme.user("requester");
  for (const [text, variables] of [
    [list, {}],
    [read, { id: first.id }],
    [start, { input: {} }],
  ] as const)
    expect(await requester.refusal(text, variables)).toBe("FORBIDDEN");
});
