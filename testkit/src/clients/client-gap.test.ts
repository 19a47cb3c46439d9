import { createWeftClient } from "@weft/client";
import postgres from "postgres";
import { expect, onTestFinished, test } from "vitest";
import { sharedWeft } from "../shared-weft.js";
import { until } from "../until.js";

const beacon = `weft: 1
key: beacon
name: Beacon
initial: lit
states:
  lit: { transitions: { flash: { to: lit }, put_out: { to: dark } } }
  dark: { final: completed }
`;
const start = 'mutation { startWorkflow(input: { definitionKey: "beacon" }) { instance { id } } }';
const flash = 'mutation ($id: ID!) { fireTransition(input: { instanceId: $id, transition: "flash" }) { instance { id } } }';
const transitions = "subscription ($id: ID!, $after: String) { workflowTransitioned(instanceId: $id, after: $after) { cursor version } }";

test("a subscription of @weft/client whose cursor is too old tells of the gap once it follows again; without `gap`, it ends", async () => {
  const weft = await sharedWeft();
  const tenant = await weft.tenant();
  await tenant.definition(beacon);
  const user = await tenant.user("workflow_manager");
  const { id } = (await user.run<{ startWorkflow: { instance: { id: string } } }>(start)).startWorkflow.instance;
  const client = createWeftClient({ url: weft.url, apiKey: user.token });
  onTestFinished(() => client.close());
  const { liveCursor: after } = await client.query<{ liveCursor: string }>("{ liveCursor }");
  await user.run(flash, { id });
  await weft.weft.worker.idle();
  const sql = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => {} });
  await sql`insert into events.retention (tenant_id, deleted_position, deleted_until)
    select tenant_id, max(position), now() from events.positions where tenant_id = ${tenant.id} group by tenant_id`;
  await sql.end();

  const versions: number[] = [];
  const gap = Promise.withResolvers<void>();
  const next = ({ workflowTransitioned }: { workflowTransitioned: { version: number } }): number =>
    versions.push(workflowTransitioned.version);
  client.subscribe(transitions, { id, after }, { next, error: gap.reject, gap: gap.resolve });
  const refused = Promise.withResolvers<unknown>();
  client.subscribe(transitions, { id, after }, { next, error: refused.resolve });
  expect(await refused.promise).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "after" }] });
  await gap.promise;
  await user.run(flash, { id });
  await until(() => versions.length > 0, { what: "it follows again" });
  expect(versions).toEqual([3]);
});
