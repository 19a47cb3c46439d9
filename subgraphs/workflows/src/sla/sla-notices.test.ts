import { advanceClock, sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { beforeAll, expect, test } from "vitest";

let weft: SharedWeft;
beforeAll(async () => void (weft = await sharedWeft()));

const definition = (notify = "") => `weft: 1
key: ticket
name: Ticket
initial: open
slas: { resolution: { target: PT10H, warn: [50%]${notify} } }
states:
  open:
    task: { title: Solve it, candidates: { roles: [operations] }, sla: { target: PT20H, warn: [] } }
    transitions: { solve: { to: solved } }
  solved: { final: completed }
`;

async function start({ admin }: TestTenant, teamId?: string): Promise<{ id: string; taskId: string }> {
  const { startWorkflow } = await admin.run<{ startWorkflow: { instance: { id: string; tasks: { id: string }[] } } }>(
    `mutation ($teamId: ID) { startWorkflow(input: { definitionKey: "ticket", data: {}, teamId: $teamId }) { instance { id tasks { id } } } }`,
    { teamId },
  );
  const { id, tasks } = startWorkflow.instance;
  return { id, taskId: tasks[0]?.id ?? "" };
}

const claim = (who: TestUser, id: string) => who.run("mutation ($id: ID!) { claimTask(input: { id: $id }) { task { id } } }", { id });

const told = async (who: TestUser): Promise<string[]> =>
  (
    await who.run<{ notifications: { edges: { node: { title: string } }[] } }>("{ notifications(first: 100) { edges { node { title } } } }")
  ).notifications.edges
    .map(({ node }) => node.title)
    .filter((title) => title.startsWith("SLA"))
    .toSorted();

test("a warning notifies the assignee, and a breach also the lead of the team, each once and live", { tags: "slow" }, async () => {
  const tenant = await weft.tenant();
  await tenant.definition(definition());
  const lead = await tenant.user("operator", { teams: [] });
  const teamId = await tenant.team("north");
  await tenant.admin.run("mutation ($input: AddTeamMemberInput!) { addTeamMember(input: $input) { team { id } } }", {
    input: { teamId, userId: lead.id, isLead: true },
  });
  const [assignee, colleague] = [await tenant.user("operations"), await tenant.user("operations")];
  const { taskId } = await start(tenant, teamId);
  await claim(assignee, taskId);
  const feed = await assignee.subscribe<{ notification: { kind: string; title: string; params: { sla: string } } }>(
    "notificationReceived",
    "subscription { notificationReceived { notification { kind title params } } }",
  );
  await advanceClock(weft, tenant, { hours: 6 });
  expect(await told(assignee)).toEqual(["SLA at risk: Resolution"]);
  expect(await told(lead)).toEqual([]);
  await advanceClock(weft, tenant, { hours: 6 });
  expect(await told(assignee)).toEqual(["SLA at risk: Resolution", "SLA breached: Resolution"]);
  expect(await told(lead)).toEqual(["SLA breached: Resolution"]);
  await advanceClock(weft, tenant, { hours: 12 });
  expect(await told(lead)).toEqual(["SLA breached: Open", "SLA breached: Resolution"]);
  expect(await told(colleague)).toEqual([]);
  const received = await feed.until((all) => all.filter(({ notification }) => notification.kind.startsWith("SLA")).length === 3);
  expect(received.map(({ notification }) => notification).filter(({ kind }) => kind.startsWith("SLA"))).toMatchObject([
    { kind: "SLA_WARNING", title: "SLA at risk: Resolution", params: { sla: "Resolution" } },
    { kind: "SLA_BREACHED", title: "SLA breached: Resolution" },
    { kind: "SLA_BREACHED" },
  ]);
  await feed.stop();
});

test("without an assignee the candidates are notified, and a definition chooses others or nobody", async () => {
  const tenant = await weft.tenant();
  await tenant.definition(definition());
  const candidate = await tenant.user("operations");
  await start(tenant);
  await advanceClock(weft, tenant, { hours: 6 });
  expect(await told(candidate)).toEqual(["SLA at risk: Resolution"]);
  await tenant.definition(definition(", notify: { warning: [], breach: [owner] }"));
  await start(tenant);
  const before = await told(candidate);
  await advanceClock(weft, tenant, { hours: 11 });
  expect(await told(tenant.admin)).toEqual(["SLA breached: Resolution"]);
  // Only the first instance has told the candidate about another breach.
  expect((await told(candidate)).filter((title) => !before.includes(title))).toEqual(["SLA breached: Resolution"]);
});
