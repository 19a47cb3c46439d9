import { createWeftClient } from "@weft/client";
import { postgres } from "@weft/pg-driver";
import { expect, onTestFinished, test } from "vitest";
import { sharedWeft } from "../shared-weft.js";
import { beaconTransitions, newBeacon, type BeaconTransitioned } from "../tenants/beacon.js";
import { until } from "../until.js";

test("a subscription of @weft/client whose cursor is too old tells of the gap once it follows again; without `gap`, it ends", async () => {
  const weft = await sharedWeft();
  const tenant = await weft.tenant();
  const { instanceId, user, flash } = await newBeacon(tenant);
  const client = createWeftClient({ url: weft.url, apiKey: user.token });
  onTestFinished(() => client.close());
  const { liveCursor: after } = await client.query<{ liveCursor: string }>("{ liveCursor }");
  await flash();
  await weft.weft.worker.idle();
  const sql = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => {} });
  await sql`insert into events.retention (tenant_id, deleted_position, deleted_until)
    select tenant_id, max(position), now() from events.positions where tenant_id = ${tenant.id} group by tenant_id`;
  await sql.end();

  const versions: number[] = [];
  const gap = Promise.withResolvers<void>();
  const next = ({ workflowTransitioned }: BeaconTransitioned): number => versions.push(workflowTransitioned.version);
  client.subscribe(beaconTransitions, { instanceId, after }, { next, error: gap.reject, gap: gap.resolve });
  const refused = Promise.withResolvers<unknown>();
  client.subscribe(beaconTransitions, { instanceId, after }, { next, error: refused.resolve });
  expect(await refused.promise).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "after" }] });
  await gap.promise;
  await flash();
  await until(() => versions.length > 0, { what: "it follows again" });
  expect(versions).toEqual([3]);
});
