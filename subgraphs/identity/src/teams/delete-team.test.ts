import { decodeId } from "@weft/shared/ids";
import { aMaintenanceTenant, sharedWeft, type TestTenant, type SharedWeft } from "@weft/testkit";
import { until } from "@weft/testkit/until";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";

const deleteTeam = "mutation ($input: VersionedIdInput!) { deleteTeam(input: $input) { id } }";
const createDefinition = "mutation ($input: CreateDefinitionInput!) { createDefinition(input: $input) { definition { id } } }";

let kit: SharedWeft;
let owner: postgres.Sql;
beforeAll(async () => {
  kit = await sharedWeft();
  owner = postgres(kit.database.ownerUrl, { max: 2, onnotice: () => {} });
});
afterAll(async () => {
  await owner.end();
});

/** A definition whose only task is offered to the team. */
const textFor = (teamId: string): string => `
weft: 1
key: team-check
name: Team check
initial: open
data: { type: object, properties: {} }
states:
  open:
    task: { title: Check, candidates: { teams: [${teamId}] } }
    transitions: { finish: { to: closed, allow: { candidate: true } } }
  closed: { final: completed }
`;

interface TeamAtWork {
  readonly tenant: TestTenant;
  readonly id: string;
  readonly definitionId: string;
  readonly taskId: string;
  readonly instanceId: string;
}

/** A team to which the task of a running workflow is offered. */
async function aTeamAtWork(): Promise<TeamAtWork> {
  const tenant = await kit.tenant();
  const id = await tenant.team("facilities");
  await tenant.definition(textFor(id));
  const { startWorkflow } = await tenant.admin.run<{
    startWorkflow: { instance: { id: string; definition: { id: string }; tasks: { id: string }[] } };
  }>('mutation { startWorkflow(input: { definitionKey: "team-check" }) { instance { id definition { id } tasks { id } } } }');
  const { instance } = startWorkflow;
  return {
    tenant,
    id,
    instanceId: instance.id,
    definitionId: instance.definition.id,
    taskId: instance.tasks[0]?.id ?? "",
  };
}

const dependentsOf = async ({ tenant, id }: Pick<TeamAtWork, "tenant" | "id">): Promise<unknown> =>
  (await tenant.admin.refused(deleteTeam, { input: { id } })).extensions?.["dependents"];

test("a team cannot be deleted until the last workflow is over whose deprecated, or retired but still running, definition references it", async () => {
  const team = await aTeamAtWork();
  const { admin } = team.tenant;
  const step = (verb: string) =>
    admin.run(`mutation { ${verb}Definition(input: { id: "${team.definitionId}" }) { definition { status } } }`);
  await step("deprecate");
  expect(await dependentsOf(team)).toEqual({ openTasks: 1, definitions: 1 });
  await step("retire");
  expect(await dependentsOf(team)).toEqual({ openTasks: 1, definitions: 1 });
  await admin.run(`mutation { cancelWorkflow(input: { instanceId: "${team.instanceId}" }) { instance { status } } }`);
  expect(await admin.run(deleteTeam, { input: { id: team.id } })).toEqual({ deleteTeam: { id: team.id } });
});

test("a claimed task of the team counts, and so does one of several candidates", async () => {
  const team = await aTeamAtWork();
  const { admin } = team.tenant;
  const member = await team.tenant.user("operations", { teams: ["facilities"] });
  await member.run(`mutation { claimTask(input: { id: "${team.taskId}" }) { task { status } } }`);
  await admin.run(`mutation { removeTeamMember(input: { teamId: "${team.id}", userId: "${member.id}" }) { team { id } } }`);
  expect(await dependentsOf(team)).toEqual({ openTasks: 1, definitions: 1 });
  await owner`update workflows.tasks set candidate_roles = '{operations}' where id = ${decodeId("task", team.taskId)}`;
  expect(await dependentsOf(team)).toEqual({ openTasks: 1, definitions: 1 });
});

test("a workflow that was stopped by an incident counts: it continues once the incident is resolved", async () => {
  const acme = await aMaintenanceTenant(kit);
  const id = await acme.tenant.team("facilities");
  const request = await acme.request("approved");
  await acme.assign(request, { teamId: id });
  await owner`update workflows.instances set status = 'FAILED' where id = ${decodeId("instance", request.instanceId)}`;
  expect(await dependentsOf({ tenant: acme.tenant, id })).toEqual({ runningWorkflows: 1 });
});

test.each<[what: string, statement: string, write: (tenant: TestTenant, id: string) => Promise<{ errors?: unknown }>]>([
  [
    "a user",
    "keepTeams",
    ({ admin }) =>
      admin.send("mutation ($input: CreateUserInput!) { createUser(input: $input) { user { id } } }", {
        input: { email: "late@acme.example", username: "late-user", name: "Late", password: "a quiet river 42", teamKeys: ["facilities"] },
      }),
  ],
  [
    "a routing rule",
    "selectKnownTeams",
    ({ admin }, id) =>
      admin.send("mutation ($input: CreateRoutingRuleInput!) { createRoutingRule(input: $input) { rule { id } } }", {
        input: { route: "facilities", name: "All", teamIds: [id] },
      }),
  ],
  ["a definition", "selectExistingIds", ({ admin }, id) => admin.send(createDefinition, { input: { source: textFor(id) } })],
])("%s is not written with a team that is being deleted: it waits, and is refused", async (_what, statement, write) => {
  const tenant = await kit.tenant();
  const id = await tenant.team("facilities");
  const writing = await owner.begin(async (sql) => {
    // Same as in deleteTeam: the row is locked first, so that the update blocks transactions that need the row to remain.
    await sql`select from identity.teams where id = ${decodeId("team", id)} for update`;
    await sql`update identity.teams set deleted_at = now() where id = ${decodeId("team", id)}`;
    const answer = write(tenant, id);
    const isWaiting = async (): Promise<boolean> =>
      (
        await owner`select from pg_stat_activity where wait_event_type = 'Lock' and query like ${`%${statement}%`} and pid <> pg_backend_pid()`
      ).length > 0;
    await until(isWaiting, { what: `${statement} waits for the team`, deadlineMs: 4_000 });
    return { answer };
  });
  const { errors } = (await writing.answer) as { errors?: readonly { extensions?: { code?: string } }[] };
  expect(errors?.map(({ extensions }) => extensions?.code)).toEqual([expect.stringMatching(/^(BAD_USER_INPUT|DEFINITION_INVALID)$/)]);
  expect(await tenant.admin.run("{ teams { totalCount } }")).toEqual({ teams: { totalCount: 0 } });
});
