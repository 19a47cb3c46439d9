import { brokenInvariants, setClock, startTestWeft, until, type TestTenant, type TestUser, type TestWeft } from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";

const source = `weft: 1
key: ticket
name: Ticket
data:
  type: object
  properties: { customer: { type: string } }
initial: open
slas:
  resolution: { target: 8 working hours, warn: [50%], pause: { states: [waiting] } }
  reply: { target: PT2H }
states:
  open: { transitions: { wait: { to: waiting }, close: { to: closed } } }
  waiting: { transitions: { answer: { to: open } } }
  closed: { final: completed }
`;

const clockFields = "id name status targetSeconds consumedSeconds dueAt breachedAt";
const recomputationFields =
  "id cause definitionKey message status total examined changed requestedBy { id } changes { totalCount edges { node { clock { id name instance { id } } before { targetSeconds status dueAt } after { targetSeconds status dueAt } } } }";
const policyFields =
  "id key name position definitionKey sla condition target warnings calendar version versions { version terms message author { id } } deletedAt";
const create = `mutation ($input: CreateSlaPolicyInput!) { createSlaPolicy(input: $input) { policy { ${policyFields} } recomputation { id status } } }`;
const update = `mutation ($input: UpdateSlaPolicyInput!) { updateSlaPolicy(input: $input) { policy { ${policyFields} } recomputation { id } } }`;
const remove = `mutation ($input: DeleteSlaPolicyInput!) { deleteSlaPolicy(input: $input) { policyId recomputation { id } } }`;
const onePolicy = `query ($id: ID!) { slaPolicy(id: $id) { ${policyFields} } }`;
const policies = `{ slaPolicies { totalCount edges { node { key } } } }`;
const recomputation = `query ($id: ID!) { slaRecomputation(id: $id) { ${recomputationFields} } }`;
const preview = `query ($input: PreviewSlaPolicyInput!, $first: Int, $cursor: String) { previewSlaPolicy(input: $input, first: $first, cursor: $cursor) {
  openClocks examinedClocks nextCursor changes { clock { id name instance { id } } before { targetSeconds status dueAt } after { targetSeconds status dueAt } } } }`;
const explain = `query ($id: ID!) { slaExplain(id: $id) { isRecounted intervals { cause seconds targetSeconds reason actor { id } } } }`;
const ofInstance = `query ($id: ID!) { workflowInstance(id: $id) { slaStatus { ${clockFields} } } }`;

type Clock = { id: string; name: string; status: string; targetSeconds: number; consumedSeconds: number; dueAt: string | null };
type Policy = { id: string; version: number };

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

type Stage = { tenant: TestTenant; admin: TestUser; goTo: (time: string) => Promise<void> };

/** A tenant with its own clock, which begins on a Monday at 09:00 UTC. */
async function aStage(): Promise<Stage> {
  const tenant = await weft.tenant();
  const goTo = (time: string): Promise<void> => setClock(owner, tenant, time);
  await goTo("2030-03-04T09:00:02Z");
  await tenant.definition(source);
  return { tenant, admin: tenant.admin, goTo };
}

async function start(who: TestUser, data: object = {}): Promise<string> {
  const { startWorkflow } = await who.run<{ startWorkflow: { instance: { id: string } } }>(
    `mutation ($data: JSON!) { startWorkflow(input: { definitionKey: "ticket", data: $data }) { instance { id } } }`,
    { data },
  );
  return startWorkflow.instance.id;
}

async function clocks(who: TestUser, id: string): Promise<Record<string, Clock>> {
  const { workflowInstance } = await who.run<{ workflowInstance: { slaStatus: Clock[] } }>(ofInstance, { id });
  return Object.fromEntries(workflowInstance.slaStatus.map((one) => [one.name, one]));
}

async function createPolicy(who: TestUser, input: object): Promise<{ policy: Policy; recomputation: { id: string } }> {
  const given = { key: "gold", name: "Gold", definitionKey: "ticket", sla: "resolution", target: "4 working hours", ...input };
  return (await who.run<{ createSlaPolicy: { policy: Policy; recomputation: { id: string } } }>(create, { input: given })).createSlaPolicy;
}

type Recomputation = {
  status: string;
  total: number;
  examined: number;
  changed: number;
  changes: { totalCount: number; edges: { node: { clock: { instance: { id: string } } } }[] };
};

/** The recomputation once it is complete. */
function completed(who: TestUser, { id }: { id: string }): Promise<Recomputation> {
  const read = async (): Promise<Recomputation | null> => {
    const { slaRecomputation } = await who.run<{ slaRecomputation: Recomputation }>(recomputation, { id });
    return slaRecomputation.status === "COMPLETED" ? slaRecomputation : null;
  };
  // It waits for all transactions that were running, also those in the databases of other tests.
  return until(read, { what: "the recomputation is complete", deadlineMs: 90_000 });
}

/** A text with this in it. */
const containing = (part: string): unknown => expect.stringContaining(part);

/** Seconds that pass while the test runs do not count. */
const about = (seconds: number): unknown => expect.closeTo(seconds, -2.1);

test("a policy replaces the target of the definition for new clocks at once, and by position and condition", async () => {
  const { admin } = await aStage();
  await createPolicy(admin, { condition: 'data.customer == "acme"', target: "1 working hour", warnings: ["80%"] });
  await createPolicy(admin, { key: "all", name: "All", sla: null, target: "PT6H", calendar: "always" });
  expect(await clocks(admin, await start(admin, { customer: "acme" }))).toMatchObject({
    resolution: { targetSeconds: 3600 },
    reply: { targetSeconds: 6 * 3600 },
  });
  expect(await clocks(admin, await start(admin))).toMatchObject({ resolution: { targetSeconds: 6 * 3600 } });
  await createPolicy(admin, { key: "first", name: "First", position: 1, target: "30 working minutes" });
  expect(await admin.run(policies)).toMatchObject({
    slaPolicies: { totalCount: 3, edges: [{ node: { key: "gold" } }, { node: { key: "first" } }, {}] },
  });
});

test(
  "a preview says which open clocks would change, and the recomputation changes exactly these, keeping what was consumed",
  { tags: "slow", timeout: 120_000 },
  async () => {
    const { admin, goTo } = await aStage();
    const [running, paused, other] = [
      await start(admin, { customer: "acme" }),
      await start(admin, { customer: "acme" }),
      await start(admin),
    ];
    await goTo("2030-03-04T12:00:00Z");
    await admin.run(`mutation ($id: ID!) { fireTransition(input: { instanceId: $id, transition: "wait" }) { instance { id } } }`, {
      id: paused,
    });
    await goTo("2030-03-04T14:00:02Z");
    const input = { definitionKey: "ticket", sla: "resolution", condition: 'data.customer == "acme"', target: "4 working hours" };
    const { previewSlaPolicy } = await admin.run<{ previewSlaPolicy: { changes: { clock: { instance: { id: string } } }[] } }>(preview, {
      input,
    });
    expect(previewSlaPolicy).toMatchObject({ openClocks: 6, examinedClocks: 6, nextCursor: null });
    expect(previewSlaPolicy.changes.map(({ clock }) => clock.instance.id).toSorted()).toEqual([running, paused].toSorted());
    expect(previewSlaPolicy.changes.find(({ clock }) => clock.instance.id === running)).toMatchObject({
      before: { targetSeconds: 8 * 3600, status: "WARNING", dueAt: containing("2030-03-05T09:00") },
      after: { targetSeconds: 4 * 3600, status: "BREACHED", dueAt: containing("2030-03-04T14:00") },
    });
    const made = await createPolicy(admin, { ...input, message: "Contract of March" });
    const done = await completed(admin, made.recomputation);
    expect(done).toMatchObject({ cause: "POLICY_CHANGE", definitionKey: "ticket", message: "Contract of March", examined: 6, changed: 2 });
    expect(done.changes.edges.map(({ node }) => node.clock.instance.id).toSorted()).toEqual([running, paused].toSorted());
    const { resolution: late } = await clocks(admin, running);
    expect(late).toMatchObject({ status: "BREACHED", consumedSeconds: about(5 * 3600), targetSeconds: 4 * 3600 });
    expect(await clocks(admin, paused)).toMatchObject({
      resolution: { status: "PAUSED", consumedSeconds: about(3 * 3600), targetSeconds: 4 * 3600 },
    });
    expect(await clocks(admin, other)).toMatchObject({ resolution: { status: "WARNING", targetSeconds: 8 * 3600 } });
    expect(await admin.run(explain, { id: late?.id })).toMatchObject({
      slaExplain: {
        isRecounted: true,
        intervals: [
          { cause: "START", seconds: about(5 * 3600), targetSeconds: 8 * 3600 },
          { cause: "POLICY_CHANGE", targetSeconds: 4 * 3600, reason: "Contract of March", actor: { id: admin.id } },
        ],
      },
    });
  },
);

test(
  "versions keep their terms, authors and messages, and a deleted policy no longer applies but stays readable",
  { tags: "slow" },
  async () => {
    const { admin } = await aStage();
    const { policy, recomputation: first } = await createPolicy(admin, { message: "First" });
    const id = await start(admin);
    // Otherwise it could be the first one that finds the new terms.
    await completed(admin, first);
    expect(await admin.refusal(update, { input: { id: policy.id, target: "2 working hours", expectedVersion: 7 } })).toBe("CONFLICT");
    const changed = await admin.run<{ updateSlaPolicy: { policy: object; recomputation: { id: string } } }>(update, {
      input: { id: policy.id, target: "2 working hours", message: "Second" },
    });
    expect(changed.updateSlaPolicy.policy).toMatchObject({
      version: 2,
      versions: [
        { version: 2, terms: { target: "2 working hours" }, message: "Second", author: { id: admin.id } },
        { version: 1, terms: { target: "4 working hours" }, message: "First", author: { id: admin.id } },
      ],
    });
    expect(await completed(admin, changed.updateSlaPolicy.recomputation)).toMatchObject({ changed: 1 });
    expect(await clocks(admin, id)).toMatchObject({ resolution: { targetSeconds: 2 * 3600 } });
    const { previewSlaPolicy } = await admin.run<{ previewSlaPolicy: object }>(preview, { input: { id: policy.id, isDeleted: true } });
    expect(previewSlaPolicy).toMatchObject({ changes: [{ before: { targetSeconds: 2 * 3600 }, after: { targetSeconds: 8 * 3600 } }] });
    const removed = await admin.run<{ deleteSlaPolicy: { recomputation: { id: string } } }>(remove, { input: { id: policy.id } });
    await completed(admin, removed.deleteSlaPolicy.recomputation);
    expect(await clocks(admin, id)).toMatchObject({ resolution: { targetSeconds: 8 * 3600 } });
    expect(await admin.run(onePolicy, { id: policy.id })).toMatchObject({
      slaPolicy: { deletedAt: containing("2030"), versions: [{ terms: null }, {}, {}] },
    });
    expect(await admin.refusal(update, { input: { id: policy.id, name: "Again" } })).toBe("NOT_FOUND");
    expect(await admin.run(policies)).toMatchObject({ slaPolicies: { totalCount: 0 } });
    // The key can be used again.
    await createPolicy(admin, {});
  },
);

test("wrong terms are refused with their paths, and a key is unique", async () => {
  const { admin } = await aStage();
  const problemsOf = async (input: object): Promise<string[]> => {
    const error = await admin.refused(create, { input: { key: "k", name: "K", target: "PT1H", ...input } });
    return ((error.extensions?.["problems"] ?? []) as { path: string }[]).map(({ path }) => path);
  };
  expect(await problemsOf({ target: "3 busy hours", warnings: ["120%"], condition: "actor.id == 'a'", calendar: "Big Ben" })).toEqual([
    "input.target",
    "input.warnings.0",
    "input.calendar",
    "input.condition",
  ]);
  expect(await problemsOf({ definitionKey: "absent" })).toEqual(["input.definitionKey"]);
  expect(await problemsOf({ definitionKey: "ticket", sla: "resolutoin" })).toEqual(["input.sla"]);
  expect(await problemsOf({ sla: "resolution" })).toEqual(["input.sla"]);
  expect(await problemsOf({ key: "Gold Customers" })).toEqual(["input.key"]);
  await createPolicy(admin, {});
  expect(await admin.refusal(create, { input: { key: "gold", name: "Again", target: "PT1H" } })).toBe("CONFLICT");
});

test("a recomputation announces a breach that was reached before it, and none a second time", { tags: "slow" }, async () => {
  const { admin, goTo } = await aStage();
  const feed = await admin.subscribe<{ change: string; clock: Clock }>(
    "slaChanged",
    `subscription { slaChanged { cursor change clock { name } } }`,
  );
  await start(admin);
  // Breached by the new target at once; the worker then finds nothing to announce.
  await goTo("2030-03-04T14:30:00Z");
  await feed.until((all) => all.some(({ change }) => change === "WARNING"));
  const first = await createPolicy(admin, {});
  await completed(admin, first.recomputation);
  await feed.until((all) => all.some(({ change, clock }) => change === "CHANGED" && clock.name === "resolution"));
  const later = await createPolicy(admin, { key: "third", name: "Third", position: 1, target: "3 working hours" });
  await completed(admin, later.recomputation);
  await weft.weft.worker.idle();
  const removed = await admin.run<{ deleteSlaPolicy: { recomputation: { id: string } } }>(remove, { input: { id: first.policy.id } });
  await completed(admin, removed.deleteSlaPolicy.recomputation);
  await goTo("2030-03-04T16:30:00Z");
  await weft.weft.worker.idle();
  const payloads = await feed.until((all) => all.filter(({ change }) => change === "BREACHED").length >= 2);
  const breached = payloads.filter(({ change }) => change === "BREACHED").map(({ clock }) => clock.name);
  expect(breached.toSorted()).toEqual(["reply", "resolution"]);
  await feed.stop();
});

test("users without the permission can neither change nor preview policies, and another tenant's are not found", async () => {
  const { tenant, admin } = await aStage();
  const { policy, recomputation: requested } = await createPolicy(admin, {});
  const viewer = await tenant.user("viewer");
  expect(await viewer.refusal(create, { input: { key: "k", name: "K", target: "PT1H" } })).toBe("FORBIDDEN");
  expect(await viewer.refusal(preview, { input: { target: "PT1H" } })).toBe("FORBIDDEN");
  const other = await weft.tenant();
  expect(await other.admin.refusal(onePolicy, { id: policy.id })).toBe("NOT_FOUND");
  expect(await other.admin.refusal(update, { input: { id: policy.id, name: "Theirs" } })).toBe("NOT_FOUND");
  expect(await other.admin.refusal(remove, { input: { id: policy.id } })).toBe("NOT_FOUND");
  expect(await other.admin.refusal(preview, { input: { id: policy.id, target: "PT1H" } })).toBe("NOT_FOUND");
  expect(await other.admin.refusal(recomputation, { id: requested.id })).toBe("NOT_FOUND");
  expect(await other.admin.run(policies)).toMatchObject({ slaPolicies: { totalCount: 0 } });
});

test("no ledger contradicts its clock", async () => {
  const broken = await brokenInvariants({ ownerUrl: weft.database.ownerUrl });
  // Usage counts in true time, but these tenants have clocks of their own.
  expect(broken.filter((one) => !one.startsWith("usage:"))).toEqual([]);
});
