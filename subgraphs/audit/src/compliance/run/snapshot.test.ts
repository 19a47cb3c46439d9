import { auditSubgraph } from "../../schema.js";
import { asTenant } from "@weft/platform/db";
import { viewerOfUser } from "@weft/platform/rights";
import { decodeId, newId } from "@weft/shared/ids";
import { sharedWeft, type SharedWeft, type TestTenant } from "@weft/testkit";
import { beforeAll, expect, test } from "vitest";
import { inSnapshot } from "./snapshot.js";

let weft: SharedWeft;
let acme: TestTenant;
beforeAll(async () => {
  weft = await sharedWeft();
  acme = await weft.tenant();
});

async function viewer() {
  const { services } = weft.weft;
  const found = await viewerOfUser(services.databases.auth, {
    tenantId: acme.id,
    userId: decodeId("user", acme.admin.id),
    sessionId: newId(),
  });
  if (!found) throw new Error("the administrator is not active");
  return found;
}

test("operations of a snapshot do not see what was committed after its start", async () => {
  const who = await viewer();
  const subgraph = auditSubgraph();
  const counts = await inSnapshot(weft.weft.services, who, async ({ services }) => {
    const count = async (): Promise<unknown> => {
      const call = { viewer: who, requestId: newId(), address: null, userAgent: null, traceId: null };
      return (await subgraph.execute({ services, call, query: "{ auditEntries { totalCount } }" })).data;
    };
    const before = await count();
    await acme.team("late");
    return [before, await count()];
  });
  expect(counts[1]).toEqual(counts[0]);
  expect(await acme.admin.run("{ auditEntries { totalCount } }")).not.toEqual(counts[0]);
});

test("a snapshot refuses writes", async () => {
  const who = await viewer();
  const written = inSnapshot(weft.weft.services, who, ({ services }) =>
    asTenant(services.databases.app, who, "write", () => Promise.resolve("written")),
  );
  await expect(written).rejects.toThrow("A snapshot can only be read");
});
