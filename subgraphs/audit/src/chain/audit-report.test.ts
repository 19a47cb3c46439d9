import { startTestWeft, type TestWeft } from "@weft/testkit";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";

let weft: TestWeft;
let owner: postgres.Sql;
beforeAll(async () => {
  weft = await startTestWeft();
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => {} });
});
afterAll(async () => {
  await owner.end();
  await weft.stop();
});

interface Report {
  verifyAuditTrail: {
    isValid: boolean;
    verifiedEntries: number;
    unsealedEntries: number;
    checkpoint: string | null;
    firstProblem: { kind: string; sequence: number; entryId: string; message: string } | null;
  };
}
const verify = `query ($checkpoint: String) { verifyAuditTrail(checkpoint: $checkpoint) { isValid verifiedEntries unsealedEntries checkpoint firstProblem { kind sequence entryId message } } }`;

test("the trail of a tenant verifies; a byte changed by the database's owner is named", async () => {
  const acme = await weft.tenant();
  await acme.maintenance();
  await weft.weft.worker.idle();
  const { verifyAuditTrail: before } = await acme.admin.run<Report>(verify);
  expect(before).toMatchObject({ isValid: true, unsealedEntries: 0, firstProblem: null });
  expect(before.verifiedEntries).toBeGreaterThan(4);
  expect((await acme.admin.run<Report>(verify, { checkpoint: before.checkpoint })).verifyAuditTrail.isValid).toBe(true);

  await owner`update audit.entries set action = 'building.creatf' where tenant_id = ${acme.id} and action = 'building.create'`;
  const { verifyAuditTrail: after } = await acme.admin.run<Report>(verify);
  expect(after).toMatchObject({ isValid: false, firstProblem: { kind: "ENTRY_CHANGED" } });
  expect(after.firstProblem?.entryId).toMatch(/^aud_/);
  const { node } = await acme.admin.run<{ node: { action: string; sequence: number } }>(
    `query ($id: ID!) { node(id: $id) { ... on AuditEntry { action sequence } } }`,
    { id: after.firstProblem?.entryId },
  );
  expect(node).toEqual({ action: "building.creatf", sequence: after.firstProblem?.sequence });
});

test("a checkpoint of another tenant is refused, and who may not verify is told so", async () => {
  const [acme, globex] = [await weft.tenant(), await weft.tenant()];
  await weft.weft.worker.idle();
  const { checkpoint } = (await acme.admin.run<Report>(verify)).verifyAuditTrail;
  expect((await globex.admin.run<Report>(verify, { checkpoint })).verifyAuditTrail).toMatchObject({
    isValid: false,
    firstProblem: { kind: "CHECKPOINT_INVALID" },
  });
  expect(await (await acme.user("requester")).refusal(verify)).toBe("FORBIDDEN");
});
