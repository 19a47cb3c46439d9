import { brokenInvariants, startTestWeft, type TestWeft } from "@weft/testkit";
import { workAtRandom } from "@weft/testkit/sla/random-work";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { verifySlaClocks } from "./verify-sla-clocks.js";

const seed = Number(process.env["SEED"] ?? 2_906);

let weft: TestWeft;
let owner: postgres.Sql;
beforeAll(async () => {
  weft = await startTestWeft({ alone: "It checks the invariants of all tenants." });
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await owner.end();
  await weft.stop();
});

test(
  `after random operations, recounting from the log of events gives the stored clocks and ledgers (seed ${seed})`,
  { timeout: 180_000 },
  async () => {
    const tenant = await weft.tenant();
    const started = await workAtRandom(weft, tenant, { seed, steps: 200 });
    const verified = await verifySlaClocks(weft.weft.services, tenant.id);
    expect(verified.differences).toEqual([]);
    expect(verified.clocks).toBeGreaterThan(started * 2);
    const rows = await owner<{ cause: string }[]>`select distinct cause from workflows.sla_intervals where tenant_id = ${tenant.id}`;
    expect(rows.map(({ cause }) => cause)).toEqual(
      expect.arrayContaining([
        "START",
        "RESET",
        "PAUSE",
        "RESUME",
        "PAUSE_BY_HAND",
        "RESUME_BY_HAND",
        "WAITING_FOR_INFORMATION",
        "SUSPENSION",
        "PRIORITY_CHANGE",
        "POLICY_CHANGE",
        "CALENDAR_CHANGE",
        "MIGRATION",
        "ROLLBACK",
        "STOP",
        "CANCELLATION",
      ]),
    );
    const announced = await owner<
      { type: string }[]
    >`select distinct type from events.log where tenant_id = ${tenant.id} and type like 'sla.%'`;
    expect(announced.map(({ type }) => type)).toEqual(expect.arrayContaining(["sla.warning", "sla.breached"]));
    expect(await brokenInvariants({ ownerUrl: weft.database.ownerUrl })).toEqual([]);
  },
);
