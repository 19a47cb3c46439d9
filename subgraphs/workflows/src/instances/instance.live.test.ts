import { sharedWeft, type TestUser, type SharedWeft } from "@weft/testkit";
import { beforeAll, expect, test } from "vitest";

const loan = `weft: 1
key: loan
name: Loan
initial: review
states:
  review:
    task: { title: Review, candidates: { roles: [operations] } }
    transitions: { approve: { to: done } }
  done: { final: completed }
`;

const start = `mutation { startWorkflow(input: { definitionKey: "loan" }) { instance { id } } }`;
const fire = `mutation ($id: ID!) { fireTransition(input: { instanceId: $id, transition: "approve" }) { instance { version } } }`;
const cancel = `mutation ($id: ID!) { cancelWorkflow(input: { instanceId: $id }) { instance { version } } }`;
const transitions = `subscription ($instanceId: ID, $after: String) { workflowTransitioned(instanceId: $instanceId, after: $after) {
  cursor from fromTitle to toTitle transition version status actor { id } instance { id state } } }`;
const work = `subscription { taskChanged { cursor change task { title status } } }`;

type Transition = { cursor: string; from: string; to: string; transition: string | null; version: number; instance: { id: string } };

let weft: SharedWeft;
beforeAll(async () => void (weft = await sharedWeft()));

async function aTenant(): Promise<{ admin: TestUser; operations: TestUser; requester: TestUser }> {
  const tenant = await weft.tenant();
  await tenant.definition(loan);
  return { admin: tenant.admin, operations: await tenant.user("operations"), requester: await tenant.user("requester") };
}

const started = async (who: TestUser) => (await who.run<{ startWorkflow: { instance: { id: string } } }>(start)).startWorkflow.instance.id;

test("transitions arrive in order for users who can see them, and continue from the cursor after an interruption", async () => {
  const { admin, operations, requester } = await aTenant();
  const feed = await operations.subscribe<Transition>("workflowTransitioned", transitions);
  const blind = await requester.subscribe<Transition>("workflowTransitioned", transitions);
  const [first, second] = [await started(admin), await started(admin)];
  await admin.run(fire, { id: first });
  await admin.run(cancel, { id: second });
  const seen = await feed.until((payloads) => payloads.length === 2);
  expect(seen).toMatchObject([
    {
      from: "review",
      fromTitle: "Review",
      to: "done",
      toTitle: "Done",
      transition: "approve",
      version: 2,
      status: "COMPLETED",
      actor: { id: admin.id },
      instance: { id: first, state: "done" },
    },
    { from: "review", transition: null, version: 2, status: "CANCELLED", instance: { id: second } },
  ]);
  const late = await operations.subscribe<Transition>("workflowTransitioned", transitions, { after: seen[0]?.cursor });
  expect(await late.until((payloads) => payloads.length === 1)).toMatchObject([{ instance: { id: second } }]);
  const all = await operations.subscribe<Transition>("workflowTransitioned", transitions, { instanceId: first, after: seen[1]?.cursor });
  expect(blind.payloads).toEqual([]);
  for (const one of [feed, blind, late, all]) await one.stop();
});

test("an instance of another tenant is not found", async () => {
  const [ours, theirs] = [await aTenant(), await aTenant()];
  const id = await started(ours.admin);
  const feed = await theirs.admin.subscribe<Transition>("workflowTransitioned", transitions, { instanceId: id });
  await expect.poll(() => feed.errors[0]?.extensions?.code, { timeout: 5000 }).toBe("NOT_FOUND");
  await feed.stop();
});

test("tasks publish their opening and their end", async () => {
  const { admin, operations } = await aTenant();
  const feed = await operations.subscribe<{ change: string; task: object }>("taskChanged", work);
  const id = await started(admin);
  await feed.until((payloads) => payloads.length === 1);
  await operations.run(fire, { id });
  const seen = await feed.until((payloads) => payloads.length === 2);
  expect(seen.map((one) => one.change)).toEqual(["OPENED", "CLOSED"]);
  expect(seen[1]?.task).toEqual({ title: "Review", status: "CLOSED" });
  await feed.stop();
});
