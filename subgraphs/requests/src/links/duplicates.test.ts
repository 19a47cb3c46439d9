import { aMaintenanceTenant, type MaintenanceRequest, type MaintenanceTenant, sharedWeft, type SharedWeft } from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { beforeAll, expect, test } from "vitest";

let weft: SharedWeft;
let acme: MaintenanceTenant;

beforeAll(async () => {
  weft = await sharedWeft();
  acme = await aMaintenanceTenant(weft);
});

const link = "mutation ($input: LinkRequestsInput!) { linkRequests(input: $input) { request { id } } }";
const unlink = "mutation ($input: LinkRequestsInput!) { unlinkRequests(input: $input) { request { id } } }";
const cancel = "mutation ($id: ID!) { cancelRequest(input: { id: $id }) { request { id } } }";
const read = "query ($id: ID!) { request(id: $id) { status workflow { history { kind comment actor { name } } tasks { status } } } }";

const duplicates = (from: MaintenanceRequest, to: MaintenanceRequest) => ({ input: { id: from.id, kind: "DUPLICATES", toId: to.id } });

interface Found {
  readonly status: string;
  readonly workflow: { readonly history: readonly object[] };
}
const found = async ({ id }: MaintenanceRequest): Promise<Found> => (await acme.operations.run<{ request: Found }>(read, { id })).request;

test("a duplicate ends with its original, and its own duplicates end with it", async () => {
  const [original, duplicate, another] = [await acme.request("done"), await acme.request("triage"), await acme.request("draft")];
  await acme.operations.run(link, duplicates(duplicate, original));
  await acme.operations.run(link, duplicates(another, duplicate));
  await acme.fire(acme.requester, original, "close");
  await weft.weft.worker.idle();
  const last = { kind: "CANCELLATION", comment: "Ended with the request that it duplicates." };
  for (const one of [duplicate, another]) {
    const { status, workflow } = await found(one);
    expect(status).toBe("CANCELLED");
    expect(workflow.history.at(-1)).toMatchObject(last);
  }
  expect((await found(original)).status).toBe("RUNNING");
});

test("a duplicate ends with an original that is cancelled, not with one from which it was unlinked", async () => {
  const [original, duplicate, former] = [await acme.request("draft"), await acme.request("triage"), await acme.request("triage")];
  for (const one of [duplicate, former]) await acme.operations.run(link, duplicates(one, original));
  await acme.operations.run(unlink, duplicates(former, original));
  await acme.requester.run(cancel, { id: original.id });
  await weft.weft.worker.idle();
  expect((await found(duplicate)).status).toBe("CANCELLED");
  expect((await found(former)).status).toBe("RUNNING");
});

test("an original does not end with its duplicate, and other links end nothing", async () => {
  const [original, duplicate, related] = [await acme.request("triage"), await acme.request("draft"), await acme.request("triage")];
  await acme.operations.run(link, duplicates(duplicate, original));
  await acme.operations.run(link, { input: { id: related.id, kind: "RELATES_TO", toId: duplicate.id } });
  await acme.requester.run(cancel, { id: duplicate.id });
  await weft.weft.worker.idle();
  expect((await found(original)).status).toBe("RUNNING");
  expect((await found(related)).status).toBe("RUNNING");
});

test("without links of duplicates, a tenant has no consumer of them", async () => {
  const globex = await aMaintenanceTenant(weft);
  const [one, two] = [await globex.request("triage"), await globex.request("triage")];
  const input = { id: one.id, kind: "DUPLICATES", toId: two.id };
  const owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
  const consumers = () =>
    owner`select consumer from events.consumer_cursors where tenant_id = ${globex.tenant.id} and consumer = 'duplicates'`;
  expect(await consumers()).toEqual([]);
  await globex.operations.run(link, { input: { ...input, kind: "RELATES_TO" } });
  expect(await consumers()).toEqual([]);
  await globex.operations.run(link, { input });
  expect(await consumers()).toHaveLength(1);
  await globex.operations.run(unlink, { input });
  expect(await consumers()).toEqual([]);
  await owner.end();
});
