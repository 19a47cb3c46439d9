import { RateLimited } from "@weft/shared/errors";
import { decodeId, newId } from "@weft/shared/ids";
import type { Viewer } from "@weft/shared/viewer";
import { openContext, type OpenContext } from "@weft/api/context";
import { sharedWeft, startTestWeft, type SharedWeft } from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { verifyNewEntries } from "../verifications/verification.service.js";

let weft: SharedWeft;
let owner: postgres.Sql;
beforeAll(async () => {
  weft = await sharedWeft();
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => {} });
});
afterAll(async () => {
  await owner.end();
});

interface Report {
  verifyAuditTrail: {
    isValid: boolean;
    isComplete: boolean;
    verifiedFrom: number;
    verifiedEntries: number;
    unsealedEntries: number;
    checkpoint: string | null;
    firstProblem: { kind: string; sequence: number; entryId: string; message: string } | null;
  };
}
const report = "isValid isComplete verifiedFrom verifiedEntries unsealedEntries checkpoint firstProblem { kind sequence entryId message }";
const verify = `query ($checkpoint: String) { verifyAuditTrail(checkpoint: $checkpoint) { ${report} } }`;

test("verifies entries added since the last verification and reports a byte that the database's owner changed there", async () => {
  const acme = await weft.tenant();
  await acme.maintenance();
  await weft.weft.worker.idle();
  const { verifyAuditTrail: before } = await acme.admin.run<Report>(verify);
  expect(before).toMatchObject({ isValid: true, isComplete: true, verifiedFrom: 1, unsealedEntries: 0, firstProblem: null });
  expect(before.verifiedEntries).toBeGreaterThan(4);
  expect((await acme.admin.run<Report>(verify, { checkpoint: before.checkpoint })).verifyAuditTrail).toMatchObject({
    isValid: true,
    verifiedFrom: before.verifiedEntries + 1,
    verifiedEntries: 0,
    checkpoint: before.checkpoint,
  });

  await acme.admin.run('mutation { createBuilding(input: { code: "NEW", name: "New" }) { building { id } } }');
  await weft.weft.worker.idle();
  await owner`update audit.entries set after = jsonb_set(after, '{name}', '"Old"') where tenant_id = ${acme.id} and after->>'code' = 'NEW'`;
  const { verifyAuditTrail: after } = await acme.admin.run<Report>(verify);
  expect(after).toMatchObject({ isValid: false, firstProblem: { kind: "ENTRY_CHANGED" } });
  expect(after.firstProblem?.entryId).toMatch(/^aud_/);
  const { node } = await acme.admin.run<{ node: { action: string; sequence: number } }>(
    `query ($id: ID!) { node(id: $id) { ... on AuditEntry { action sequence } } }`,
    { id: after.firstProblem?.entryId },
  );
  expect(node).toEqual({ action: "building.create", sequence: after.firstProblem?.sequence });
  // Every verification finds it again, because progress is not recorded beyond an invalid entry.
  expect((await acme.admin.run<Report>(verify)).verifyAuditTrail.firstProblem).toEqual(after.firstProblem);
});

test("under twenty aliases it runs once; a second one with another checkpoint is refused", async () => {
  const acme = await weft.tenant();
  await weft.weft.worker.idle();
  const twenty = Array.from({ length: 20 }, (_, at) => `a${at}: verifyAuditTrail { isValid verifiedFrom }`).join(" ");
  const statements = await weft.statements(async () => {
    const { data, errors } = await acme.admin.send(`{ ${twenty} }`);
    expect(errors).toBeUndefined();
    expect(new Set(Object.values(data ?? {}).map((one) => JSON.stringify(one)))).toEqual(
      new Set([JSON.stringify({ isValid: true, verifiedFrom: 1 })]),
    );
  });
  expect(statements.filter((text) => text.includes("tryLockVerification"))).toHaveLength(1);
  const { data, errors } = await acme.admin.send(
    '{ a: verifyAuditTrail { isValid } b: verifyAuditTrail(checkpoint: "other") { isValid } }',
  );
  expect(errors?.map(({ extensions }) => [extensions?.["code"], extensions?.["limit"]])).toEqual([
    ["QUERY_LIMIT_EXCEEDED", "auditVerifications"],
  ]);
  expect(data).toMatchObject({ a: { isValid: true }, b: null });
});

test("a tenant runs one at a time, in any process, and another tenant does not wait", async () => {
  const [acme, globex] = [await weft.tenant(), await weft.tenant()];
  await owner.begin(async (sql) => {
    await sql`select pg_advisory_xact_lock(hashtextextended('weft.audit.verify.' || ${acme.id}, 0))`;
    const { errors } = await acme.admin.send(verify);
    expect(errors?.[0]?.extensions).toMatchObject({ code: "RATE_LIMITED", retryAfter: 1 });
    expect((await globex.admin.run<Report>(verify)).verifyAuditTrail.isValid).toBe(true);
  });
  expect((await acme.admin.run<Report>(verify)).verifyAuditTrail.isValid).toBe(true);
});

test(
  "parallel verifications, each holding a connection for reading, up to the tenant's connection limit, do not block each other",
  { tags: "slow" },
  async () => {
    // A tenant can use three of the four connections.
    const small = await startTestWeft({ settings: { DATABASE_POOL_SIZE: 4 } });
    try {
      const acme = await small.tenant();
      await small.weft.worker.idle();
      const viewer: Viewer = {
        tenantId: acme.id,
        tenantSlug: acme.slug,
        userId: decodeId("user", acme.admin.id),
        userType: "EMPLOYEE",
        vendorId: null,
        sessionId: newId(),
        apiKey: null,
        operatorId: null,
        authenticatedAt: null,
        isRestricted: false,
        roles: [],
        teamIds: [],
        ledTeamIds: [],
        permissions: {},
        denials: {},
        rightsVersion: "1",
      };
      const call = { viewer, requestId: "test", address: null, userAgent: null, traceId: null };
      const requests = Array.from({ length: 3 }, () => openContext(small.weft.services, call));
      await Promise.all(requests.map((ctx) => ctx.read((tx) => tx.execute("select 1"))));
      const answer = async (ctx: OpenContext): Promise<string> => {
        const said = await verifyNewEntries(ctx, null).then(
          ({ isValid }) => String(isValid),
          (error: unknown) => (error instanceof RateLimited ? "RATE_LIMITED" : String(error)),
        );
        await ctx.close();
        return said;
      };
      const began = performance.now();
      expect(await Promise.all(requests.map(answer))).toEqual(["true", "RATE_LIMITED", "RATE_LIMITED"]);
      expect(performance.now() - began).toBeLessThan(1_500);
    } finally {
      await small.stop();
    }
  },
);

test("a checkpoint of another tenant is refused, and users without the permission to verify get an error that says so", async () => {
  const [acme, globex] = [await weft.tenant(), await weft.tenant()];
  await weft.weft.worker.idle();
  const { checkpoint } = (await acme.admin.run<Report>(verify)).verifyAuditTrail;
  expect((await globex.admin.run<Report>(verify, { checkpoint })).verifyAuditTrail).toMatchObject({
    isValid: false,
    firstProblem: { kind: "CHECKPOINT_INVALID" },
  });
  expect(await (await acme.user("requester")).refusal(verify)).toBe("FORBIDDEN");
});
