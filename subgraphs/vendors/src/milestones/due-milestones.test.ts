import { decodeId } from "@weft/shared/ids";
import {
  aPlanningTenant,
  aProject,
  fireTransition,
  milestoneApproval,
  newMilestone,
  setClock,
  sharedWeft,
  submitMilestone,
  type TestTenant,
  type TestUser,
  type SharedWeft,
} from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { dueMilestones } from "./due-milestones.js";

let weft: SharedWeft;
let sql: postgres.Sql;
let acme: TestTenant;
let admin: TestUser;
let projectId: string;

beforeAll(async () => {
  weft = await sharedWeft();
  sql = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await sql.end();
});
beforeEach(async () => {
  acme = await aPlanningTenant(weft);
  ({ admin } = acme);
  projectId = await aProject(admin);
  await goTo("2026-06-01T08:00:00Z");
});

/** Sets the tenant's clock, and waits for what is due then. */
async function goTo(at: string): Promise<void> {
  await setClock(sql, acme, at);
  await weft.weft.worker.idle();
}

/** Returns the notices of a milestone, with their days. */
async function noticesOf(id: string): Promise<string[]> {
  await weft.weft.worker.idle();
  const rows = await sql<{ type: string; days: string | null }[]>`
    select type, payload->>'days' as days from events.log
     where tenant_id = ${acme.id} and subject_id = ${decodeId("milestone", id)} and type in ('milestone.upcoming', 'milestone.overdue') order by id`;
  return rows.map(({ type, days }) => (days === null ? type : `${type} ${days}`));
}

test("the owner of a milestone is notified once a week before, a day before, and when it is overdue", { tags: "slow" }, async () => {
  const owner = await acme.user("workflow_manager");
  const id = await newMilestone(admin, projectId, { ownerId: owner.id });
  expect(await noticesOf(id)).toEqual([]);
  for (const day of ["2026-06-23", "2026-06-24", "2026-06-29", "2026-06-30"]) await goTo(`${day}T08:00:00Z`);
  expect(await noticesOf(id)).toEqual(["milestone.upcoming 7", "milestone.upcoming 1"]);
  for (const day of ["2026-07-01", "2026-07-05"]) await goTo(`${day}T08:00:00Z`);
  expect(await noticesOf(id)).toEqual(["milestone.upcoming 7", "milestone.upcoming 1", "milestone.overdue"]);
  const { notifications } = await owner.run<{ notifications: { edges: { node: { title: string } }[] } }>(
    "{ notifications(filter: { kind: { in: [MILESTONE_UPCOMING, MILESTONE_OVERDUE] } }) { edges { node { title subject { id } } } } }",
  );
  expect(notifications.edges.map(({ node }) => node)).toEqual([
    { title: "A milestone was due on 2026-06-30 and is not reached: Opening", subject: { id } },
    { title: "A milestone is due on 2026-06-30: Opening", subject: { id } },
    { title: "A milestone is due on 2026-06-30: Opening", subject: { id } },
  ]);
});

test("a new due day is announced anew", async () => {
  const id = await newMilestone(admin, projectId, { dueOn: "2026-06-02" });
  expect(await noticesOf(id)).toEqual(["milestone.upcoming 1"]);
  await admin.run('mutation ($id: ID!) { updateMilestone(input: { id: $id, dueOn: "2026-06-08" }) { milestone { id } } }', { id });
  expect(await noticesOf(id)).toEqual(["milestone.upcoming 1", "milestone.upcoming 7"]);
});

test("nothing is announced of milestones that are reached or deleted, and of projects that have ended", async () => {
  await acme.definition(milestoneApproval);
  const [reached, deleted] = [await newMilestone(admin, projectId), await newMilestone(admin, projectId)];
  const ended = await aProject(admin);
  const ofEnded = await newMilestone(admin, ended);
  await admin.run(fireTransition, { input: { instanceId: await submitMilestone(admin, reached), transition: "approve" } });
  await admin.run("mutation ($id: ID!) { deleteMilestone(input: { id: $id }) { id } }", { id: deleted });
  const { project } = await admin.run<{ project: { workflow: { id: string } } }>(
    "query ($id: ID!) { project(id: $id) { workflow { id } } }",
    {
      id: ended,
    },
  );
  await admin.run(
    'mutation ($id: ID!) { cancelWorkflow(input: { instanceId: $id, comment: "No money" }) { instance { id } } }',
    project.workflow,
  );
  await goTo("2026-08-01T08:00:00Z");
  for (const id of [reached, deleted, ofEnded]) expect(await noticesOf(id)).toEqual([]);
  const [open] = await sql<{ count: number }[]>`
    select count(*)::int as count from vendors.milestones where tenant_id = ${acme.id} and due_at is not null`;
  expect(open).toEqual({ count: 0 });
});

test("several workers at the same time send each notice once", async () => {
  const ids = [await newMilestone(admin, projectId), await newMilestone(admin, projectId)];
  await weft.weft.worker.idle();
  const { databases, pubsub, keyring, log } = weft.weft.services;
  const sources = Array.from({ length: 4 }, () => dueMilestones({ databases, pubsub, keyring, log }));
  await sql`update identity.tenants set clock_offset_ms = clock_offset_ms + 24 * 86400000::bigint where tenant_id = ${acme.id}`;
  await Promise.all(sources.map((source) => source.run(acme.id, 10, new AbortController().signal)));
  for (const id of ids) expect(await noticesOf(id)).toEqual(["milestone.upcoming 7"]);
});
