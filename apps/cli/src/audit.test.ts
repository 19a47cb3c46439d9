import { exported, type Exported, sealedTenant } from "@weft/testkit/audit/audit-exports";
import { sharedWeft, type SharedWeft } from "@weft/testkit";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { openTerminal, type TestTerminal } from "./cli.fixture.js";
import type { AuditVerificationOutput } from "./output/outputs.js";

let weft: SharedWeft;
let at: TestTerminal;
let file: Exported;
let checkpoint: string;
/** Place of the checkpoint. */
let sealed: number;
let organization: string;
/** An export of what follows the other one. */
let later: Exported;

beforeAll(async () => {
  weft = await sharedWeft();
  const acme = await sealedTenant(weft);
  const { verifyAuditTrail } = await acme.admin.run<{ verifyAuditTrail: { checkpoint: string } }>("{ verifyAuditTrail { checkpoint } }");
  ({ checkpoint } = verifyAuditTrail);
  sealed = (JSON.parse(Buffer.from(checkpoint.split(".")[1] ?? "", "base64url").toString("utf8")) as { sequence: number }).sequence;
  ({
    tenant: { id: organization },
  } = await acme.admin.run<{ tenant: { id: string } }>("{ tenant { id } }"));
  file = await exported(weft, acme.admin, { format: "CSV" });
  await weft.weft.worker.idle();
  later = await exported(weft, acme.admin, { format: "CSV", afterSequence: file.upToSequence });
});
beforeEach(async () => {
  at = openTerminal();
  at.write("entries.csv", file.text);
  at.write("entries.csv.proof", `${file.proof}\n`);
  at.write("checkpoint.txt", `${checkpoint}\n`);
  at.write("keys.json", await (await fetch(new URL("/.well-known/audit-keys.json", weft.url))).text());
});
afterEach(() => at.close());

const verify = (...more: string[]) =>
  at.json<AuditVerificationOutput>("audit-verify", ["audit", "verify", "entries.csv", "--keys", "keys.json", ...more]);

test("an export is verified with the published keys, and compared with a checkpoint that was kept", async () => {
  expect(await verify("--checkpoint", "@checkpoint.txt")).toMatchObject({
    code: 0,
    data: {
      isValid: true,
      isCheckpointCompared: true,
      firstProblem: null,
      verifiedEntries: file.rowCount,
      export: { id: file.id, isWhole: true },
    },
  });
  const { out } = await at.weft(["audit", "verify", "entries.csv", "--keys", "keys.json"]);
  expect(out).toContain(`entries.csv: valid: ${file.rowCount} entries.`);
  expect(out).toContain("Without --checkpoint");
});

test("an export is compared with a file or a directory of checkpoints that were kept", async () => {
  at.write("kept.jsonl", `{"level":30,"msg":"started"}\n${JSON.stringify({ organization, checkpoint })}\n`);
  expect(await verify("--checkpoints", "kept.jsonl")).toMatchObject({ code: 0, data: { isCheckpointCompared: true, agreesUpTo: sealed } });
  at.write(`bucket/${organization}/000000000000001.json`, JSON.stringify({ checkpoint }));
  expect(await verify("--checkpoints", "bucket")).toMatchObject({ code: 0, data: { agreesUpTo: sealed } });
  at.write("none.jsonl", "");
  expect(await verify("--checkpoints", "none.jsonl")).toMatchObject({
    code: 1,
    data: { firstProblem: { kind: "CHECKPOINT_NOT_COVERED" } },
  });
  expect((await at.weft(["audit", "verify", "entries.csv", "--keys", "keys.json", "--checkpoints", "missing.jsonl"])).code).toBe(2);
});

test("a changed file is not valid: the exit code says so, and the text names the first bad place", async () => {
  at.write("entries.csv", file.text.replace("weft.audit.entry.v1", "weft.audit.entry.v9"));
  expect(await verify()).toMatchObject({ code: 1, data: { isValid: false, firstProblem: { kind: "ENTRY_CHANGED", sequence: 1, row: 1 } } });
  const { out, code } = await at.weft(["audit", "verify", "entries.csv", "--keys", "keys.json"]);
  expect([code, out]).toEqual([
    1,
    expect.stringMatching(/entries\.csv: not valid: entry 1 of the file: .*sealed\. \[ENTRY_CHANGED\]/) as string,
  ]);
});

test("an export of another organization, or of a part of the chain, does not pass for what is expected", async () => {
  expect(await verify("--organization", organization)).toMatchObject({ code: 0, data: { export: { organization } } });
  const other = `ten_${"0".repeat(26)}`;
  expect(await verify("--organization", other)).toMatchObject({ code: 1, data: { firstProblem: { kind: "ORGANIZATION_DIFFERS" } } });
  at.write("later.csv", later.text);
  at.write("later.csv.proof", later.proof);
  const { out } = await at.weft(["audit", "verify", "later.csv", "--keys", "keys.json"]);
  expect(out).toContain(`of the organization ${organization}`);
  expect(out).toContain(`The export begins after place ${file.upToSequence}`);
});

test("missing files and keys are mistakes of the command", async () => {
  expect((await at.weft(["audit", "verify", "entries.csv"])).err).toContain("Pass --keys");
  expect((await at.weft(["audit", "verify", "none.csv", "--keys", "keys.json"])).code).toBe(2);
  expect((await at.weft(["audit", "verify", "entries.csv", "--keys", "keys.json", "--organization", "acme"])).code).toBe(2);
  expect((await at.weft(["audit", "verify", "entries.csv", "--keys", "checkpoint.txt"])).code).toBe(2);
  expect((await at.weft(["audit", "verify", "none.csv", "--proof", "entries.csv.proof", "--keys", "keys.json"])).code).toBe(2);
});
