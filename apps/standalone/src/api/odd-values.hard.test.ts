import { startTestWeft, type TestWeft, until } from "@weft/testkit";
import { composedApi, rootFieldsOf } from "@weft/testkit/isolation/api-schema";
import { makeFixture, type Fixture } from "@weft/testkit/isolation/fixture";
import { allValues, faultsWithOddValues, someOfMutations } from "@weft/testkit/odd-values";
import { drawn } from "@weft/testkit/sizes";
import { forgetSecrets } from "@weft/testkit/secrets/known-secrets";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

/** Which values are sent to mutations. WEFT_ODD_VALUES=all sends all of them, and WEFT_ODD_VALUES=7 those of seed 7. */
const wanted = process.env["WEFT_ODD_VALUES"];
const seed = Number(wanted ?? Math.floor(Math.random() * 1_000));

let weft: TestWeft;
let fixture: Fixture;
let owner: postgres.Sql;
beforeAll(async () => {
  weft = await startTestWeft({ alone: "It sends odd values to every field." });
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => {} });
  fixture = await makeFixture(await weft.tenant(), owner);
});
afterAll(async () => {
  await owner.end();
  // Each value is sent as a password and as a name, so it is no secret.
  forgetSecrets(weft.url);
  await weft.stop();
});

// Some odd values are valid. The bulk operations, imports and exports that they start would use up the limits that the next field's case needs.
const noneRuns = async (): Promise<boolean> =>
  (await owner`select from workflows.bulk_operations where status = 'RUNNING' limit 1`).length === 0;
beforeEach(async () => {
  await owner`update app.imports set status = 'CANCELLED', due_at = null, finished_at = now(), version = version + 1 where status in ('CHECKING', 'RUNNING')`;
  await owner`update app.exports set status = 'CANCELLED', due_at = null, finished_at = now(), version = version + 1 where status = 'RUNNING'`;
  await until(noneRuns, { what: "no bulk operation of the field before runs", deadlineMs: 30_000 });
}, 40_000);

/** Failed logins count against this address, so they come last. */
const roots = rootFieldsOf(composedApi());
const fields = roots
  .filter(({ kind, field }) => kind !== "subscription" && field.args.length > 0)
  .toSorted((a, b) => Number(a.name === "login") - Number(b.name === "login"));

test.each(drawn(fields, { of: 10 }).map((root) => [root.name, root] as const))(
  "%s handles unusual values in every place without an internal error",
  async (_name, root) => {
    const drawn = wanted === "all" ? allValues : someOfMutations(root, roots, seed);
    expect(await faultsWithOddValues(fixture, root, drawn), `WEFT_ODD_VALUES=${wanted ?? seed}`).toEqual([]);
  },
  120_000,
);
