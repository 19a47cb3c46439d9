import { decodeId } from "@weft/shared/ids";
import {
  aPlanningTenant,
  aProject,
  aTask,
  fireTransition,
  milestoneApproval,
  newMilestone,
  sharedWeft,
  submitMilestone,
  type TestTenant,
  type TestUser,
  type SharedWeft,
  until,
} from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let weft: SharedWeft;
let sql: postgres.Sql;
let acme: TestTenant;
let admin: TestUser;
let projectId: string;

beforeAll(async () => {
  weft = await sharedWeft();
  sql = postgres(weft.database.ownerUrl, { max: 2, onnotice: () => undefined });
  acme = await aPlanningTenant(weft);
  ({ admin } = acme);
  await acme.definition(milestoneApproval);
  projectId = await aProject(admin);
});
afterAll(async () => {
  await sql.end();
});

const update =
  "mutation ($input: UpdateMilestoneInput!) { updateMilestone(input: $input) { milestone { name dueOn version tasks { name } } } }";
const submit = "mutation ($input: KeyedVersionedIdInput!) { submitMilestone(input: $input) { milestone { status } } }";
const remove = "mutation ($id: ID!) { deleteMilestone(input: { id: $id }) { id } }";
const restore = "mutation ($id: ID!) { restoreMilestone(input: { id: $id }) { milestone { name } } }";
const list =
  "query ($filter: MilestoneFilter, $orderBy: MilestoneOrder) { milestones(filter: $filter, orderBy: $orderBy) { edges { node { name } } } }";

async function read(id: string, fields = "status reason"): Promise<Record<string, unknown>> {
  const found = await admin.run<{ milestone: Record<string, unknown> }>(`query ($id: ID!) { milestone(id: $id) { ${fields} } }`, { id });
  return found.milestone;
}

const fire = (instanceId: string, transition: string, comment?: string) =>
  admin.run(fireTransition, { input: { instanceId, transition, comment } });

/** Without the notices, which a worker sends when it comes to it. */
const eventsOf = async (id: string): Promise<string[]> => {
  const rows = await sql<{ type: string }[]>`
    select type from events.log where tenant_id = ${acme.id} and subject_id = ${decodeId("milestone", id)}
       and type not in ('milestone.upcoming', 'milestone.overdue') order by subject_version, id`;
  return rows.map(({ type }) => type);
};

describe("milestones", () => {
  test("have a due day, an owner, and tasks of the project", async () => {
    const owner = await acme.user("workflow_manager");
    const taskId = await aTask(admin, projectId, "Dig");
    const id = await newMilestone(admin, projectId, { ownerId: owner.id, taskIds: [taskId], dueOn: "2001-01-01" });
    expect(await read(id, "name status dueOn isOverdue owner { id } tasks { id } project { id } workflow { id } version")).toEqual({
      name: "Opening",
      status: "PLANNED",
      dueOn: "2001-01-01",
      isOverdue: true,
      owner: { id: owner.id },
      tasks: [{ id: taskId }],
      project: { id: projectId },
      workflow: null,
      version: 1,
    });
  });

  test("need an existing project, a valid day, and tasks of the project", async () => {
    const create = "mutation ($input: CreateMilestoneInput!) { createMilestone(input: $input) { milestone { id } } }";
    const input = { projectId, name: "Opening", dueOn: "2026-06-30" };
    const elsewhere = await aTask(admin, await aProject(admin), "Dig");
    for (const [change, path] of [
      [{ name: " " }, "input.name"],
      [{ dueOn: "2026-02-30" }, "input.dueOn"],
      [{ taskIds: [elsewhere] }, "input.taskIds.0"],
    ] as const) {
      const error = await admin.refused(create, { input: { ...input, ...change } });
      expect(error.extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path }] });
    }
  });

  test("change while they are planned; an old version is a conflict", async () => {
    const taskId = await aTask(admin, projectId, "Paint");
    const id = await newMilestone(admin, projectId, { taskIds: [taskId] });
    expect(await admin.run(update, { input: { id, expectedVersion: 1, name: "Moving in", dueOn: "2026-07-31", taskIds: [] } })).toEqual({
      updateMilestone: { milestone: { name: "Moving in", dueOn: "2026-07-31", version: 2, tasks: [] } },
    });
    const error = await admin.refused(update, { input: { id, expectedVersion: 1, name: "Late" } });
    expect(error.extensions).toMatchObject({ code: "CONFLICT", currentVersion: 2 });
  });

  test("are listed by due day, and by filter", async () => {
    const tenant = await aPlanningTenant(weft);
    const [one, other] = [await aProject(tenant.admin), await aProject(tenant.admin)];
    await newMilestone(tenant.admin, one, { name: "B", dueOn: "2026-02-01" });
    await newMilestone(tenant.admin, other, { name: "C", dueOn: "2026-03-01" });
    await newMilestone(tenant.admin, one, { name: "A", dueOn: "2026-01-01" });
    const names = async (variables: object = {}) => {
      const { milestones } = await tenant.admin.run<{ milestones: { edges: { node: { name: string } }[] } }>(list, { ...variables });
      return milestones.edges.map(({ node }) => node.name);
    };
    expect(await names()).toEqual(["A", "B", "C"]);
    expect(await names({ orderBy: { field: "DUE_ON", direction: "DESC" } })).toEqual(["C", "B", "A"]);
    expect(await names({ filter: { project: { eq: one }, dueOn: { gte: "2026-01-15" } } })).toEqual(["B"]);
    expect(await names({ filter: { status: { eq: "REACHED" } } })).toEqual([]);
  });

  test("are deleted and restored", async () => {
    const id = await newMilestone(admin, projectId, { name: "Handover" });
    await admin.run(remove, { id });
    expect(await admin.refusal("query ($id: ID!) { milestone(id: $id) { id } }", { id })).toBe("NOT_FOUND");
    expect(await admin.run(restore, { id })).toEqual({ restoreMilestone: { milestone: { name: "Handover" } } });
    expect(await admin.refusal(restore, { id })).toBe("NOT_FOUND");
    expect(await eventsOf(id)).toEqual(["milestone.created", "milestone.deleted", "milestone.restored"]);
  });

  test("are not restored into a project that is full", async () => {
    const id = await aProject(admin);
    const milestone = await newMilestone(admin, id);
    await admin.run(remove, { id: milestone });
    await sql`insert into vendors.milestones (tenant_id, id, project_id, name, due_on, owner_id, created_by)
      select ${acme.id}, gen_random_uuid(), ${decodeId("project", id)}, 'Filler', '2026-01-01', u, u
        from generate_series(1, 500), (select ${decodeId("user", admin.id)}::uuid as u) as creator`;
    const error = await admin.refused(restore, { id: milestone });
    expect(error.extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "input.id" }] });
  });

  test("cost as many statements for the projects of a page as for one project", { tags: "slow" }, async () => {
    const tenant = await aPlanningTenant(weft);
    const fill = async (count: number): Promise<void> => {
      for (let n = 0; n < count; n++) {
        const id = await aProject(tenant.admin);
        await newMilestone(tenant.admin, id, { taskIds: [await aTask(tenant.admin, id, "Dig")] });
      }
    };
    const query =
      "{ projects { edges { node { milestones(first: 5) { edges { node { isOverdue owner { name } tasks { name } workflow { state } } } } } } } }";
    await fill(1);
    const one = await weft.statementCount(() => tenant.admin.run(query));
    await fill(3);
    expect(await weft.statementCount(() => tenant.admin.run(query))).toBe(one);
  });

  test("are invisible to another tenant, and to users of a vendor that does not take part", async () => {
    const id = await newMilestone(admin, projectId);
    const vendor = await acme.vendor();
    const globex = await weft.tenant();
    await globex.definition(milestoneApproval);
    for (const [mutation, variables] of [
      [update, { input: { id, name: "Mine" } }],
      [remove, { id }],
      [submit, { input: { id } }],
    ] as const) {
      expect(await globex.admin.refusal(mutation, variables)).toBe("NOT_FOUND");
      expect(await vendor.user.refusal(mutation, variables)).toBe("FORBIDDEN");
    }
    expect(await vendor.user.run("{ milestones { totalCount } }")).toEqual({ milestones: { totalCount: 0 } });
    expect(await vendor.user.refusal("query ($id: ID!) { milestone(id: $id) { id } }", { id })).toBe("NOT_FOUND");
    expect(await globex.admin.run(list)).toEqual({ milestones: { edges: [] } });
  });
});

describe("a review", () => {
  test("reaches the milestone, in the transaction that ends it", async () => {
    const id = await newMilestone(admin, projectId, { name: "Topping out" });
    const review = await submitMilestone(admin, id);
    expect(await read(id)).toEqual({ status: "IN_REVIEW", reason: null });
    expect(await admin.run("query ($id: ID!) { workflowInstance(id: $id) { data subject { id } } }", { id: review })).toMatchObject({
      workflowInstance: { data: { name: "Topping out", project: "Lobby", dueOn: "2026-06-30" }, subject: { id } },
    });
    for (const [mutation, variables] of [
      [update, { input: { id, name: "Other" } }],
      [remove, { id }],
      [submit, { input: { id } }],
    ] as const)
      expect(await admin.refusal(mutation, variables)).toBe("CONFLICT");
    await fire(review, "approve");
    expect(await read(id, "status reachedAt reason isOverdue")).toEqual({
      status: "REACHED",
      reachedAt: expect.any(String) as string,
      reason: null,
      isOverdue: false,
    });
    expect(await admin.refusal(update, { input: { id, name: "Other" } })).toBe("CONFLICT");
    expect(await eventsOf(id)).toEqual(["milestone.created", "milestone.submitted", "milestone.reached"]);
  });

  test("that reaches the milestone notifies its owner and the members of the project, and not the user who approves", async () => {
    const [owner, member, stranger] = [await acme.user("workflow_manager"), await acme.user("viewer"), await acme.user("viewer")];
    const project = await aProject(admin);
    for (const { id: userId } of [member, admin])
      await admin.run("mutation ($input: AddProjectMemberInput!) { addProjectMember(input: $input) { project { id } } }", {
        input: { projectId: project, userId, role: "MEMBER" },
      });
    const id = await newMilestone(admin, project, { name: "Handover", ownerId: owner.id, dueOn: "2126-06-30" });
    await fire(await submitMilestone(admin, id), "approve");
    await weft.weft.worker.idle();
    const noticesOf = async (user: TestUser) => {
      const { notifications } = await user.run<{ notifications: { edges: { node: unknown }[] } }>(
        "{ notifications(filter: { kind: { eq: MILESTONE_REACHED } }) { edges { node { title params subject { id } } } } }",
      );
      return notifications.edges.map(({ node }) => node);
    };
    const { project: named } = await admin.run<{ project: { code: string; name: string } }>(
      "query ($id: ID!) { project(id: $id) { code name } }",
      {
        id: project,
      },
    );
    const title = `A milestone was reached: Handover · ${named.code}, ${named.name}`;
    const notice = { title, params: { milestone: "Handover", dueOn: "2126-06-30" }, subject: { id } };
    expect([await noticesOf(owner), await noticesOf(member)]).toEqual([[notice], [notice]]);
    expect([await noticesOf(admin), await noticesOf(stranger)]).toEqual([[], []]);
  });

  test("that refuses the milestone, or is canceled, plans it again with the reason", async () => {
    const id = await newMilestone(admin, projectId);
    await fire(await submitMilestone(admin, id), "refuse", "The roof is not tight");
    expect(await read(id)).toEqual({ status: "PLANNED", reason: "The roof is not tight" });
    const review = await submitMilestone(admin, id);
    await admin.run('mutation ($id: ID!) { cancelWorkflow(input: { instanceId: $id, comment: "Too early" }) { instance { id } } }', {
      id: review,
    });
    expect(await read(id)).toMatchObject({ status: "PLANNED" });
    expect((await eventsOf(id)).filter((type) => type === "milestone.refused")).toHaveLength(2);
    // The comment is personal: it can be erased with the history, and an audit entry cannot.
    const entries = await sql<{ images: string }[]>`
      select concat(before, after) as images from audit.entries where tenant_id = ${acme.id} and entity_id = ${decodeId("milestone", id)}`;
    expect(entries.filter(({ images }) => images.includes("The roof is not tight"))).toEqual([]);
  });

  test("needs the tasks that must be done first, and names those that are not", async () => {
    const summary = await aTask(admin, projectId, "Build");
    const walls = await aTask(admin, projectId, "Walls", { parentId: summary });
    const paint = await aTask(admin, projectId, "Paint");
    const id = await newMilestone(admin, projectId, { taskIds: [summary, paint] });
    const done = (task: string) =>
      admin.run("mutation ($input: ReportProjectTaskProgressInput!) { reportProjectTaskProgress(input: $input) { report { id } } }", {
        input: { id: task, percentComplete: 100 },
      });
    const error = await admin.refused(submit, { input: { id } });
    expect(error.extensions?.code).toBe("CONFLICT");
    expect(error.message).toBe('The milestone "Opening" needs tasks that are not done: "Paint", "Walls". Complete them first.');
    await done(walls);
    expect((await admin.refused(submit, { input: { id } })).message).toContain('not done: "Paint".');
    await done(paint);
    expect(await admin.run(submit, { input: { id } })).toEqual({ submitMilestone: { milestone: { status: "IN_REVIEW" } } });
  });

  test("starts once, of several at the same time", async () => {
    const id = await newMilestone(admin, projectId);
    const codes = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const { errors } = await admin.send(submit, { input: { id } });
        return errors?.[0]?.extensions?.code ?? "done";
      }),
    );
    expect(codes.toSorted()).toEqual(["CONFLICT", "CONFLICT", "CONFLICT", "done"]);
  });

  test("keeps its project from being deleted, and disappears with it once it has ended", async () => {
    const id = await aProject(admin);
    const milestone = await newMilestone(admin, id);
    const review = await submitMilestone(admin, milestone);
    const { project } = await admin.run<{ project: { workflow: { id: string } } }>(
      "query ($id: ID!) { project(id: $id) { workflow { id } } }",
      { id },
    );
    await admin.run(
      'mutation ($id: ID!) { cancelWorkflow(input: { instanceId: $id, comment: "No money" }) { instance { id } } }',
      project.workflow,
    );
    const deletion = "mutation ($id: ID!) { deleteProject(input: { id: $id }) { id } }";
    expect((await admin.refused(deletion, { id })).message).toContain('The milestone "Opening"');
    await fire(review, "approve");
    await admin.run(deletion, { id });
    expect(await admin.refusal("query ($id: ID!) { milestone(id: $id) { id } }", { id: milestone })).toBe("NOT_FOUND");
    expect(await admin.refusal("query ($id: ID!) { workflowInstance(id: $id) { id } }", { id: review })).toBe("NOT_FOUND");
    await admin.run("mutation ($id: ID!) { restoreProject(input: { id: $id }) { project { id } } }", { id });
    expect(await read(milestone)).toMatchObject({ status: "REACHED" });
  });

  test("waits for a deletion of its project, and then does not start", async () => {
    const id = await aProject(admin);
    const milestone = await newMilestone(admin, id);
    const isWaiting = async (): Promise<boolean> =>
      (await sql`select from pg_stat_activity where wait_event_type = 'Lock' and query like '%lockProject%' and pid <> pg_backend_pid()`)
        .length > 0;
    const { answer } = await sql.begin(async (tx) => {
      await tx`update vendors.projects set is_deleted = true, deleted_at = now(), deleted_by = ${decodeId("user", admin.id)}
        where tenant_id = ${acme.id} and id = ${decodeId("project", id)}`;
      const submitted = admin.refusal(submit, { input: { id: milestone } });
      await until(isWaiting, { what: "the submission waits for the project" });
      return { answer: submitted };
    });
    expect(await answer).toBe("NOT_FOUND");
    const [row] =
      await sql`select status from vendors.milestones where tenant_id = ${acme.id} and id = ${decodeId("milestone", milestone)}`;
    expect(row).toEqual({ status: "PLANNED" });
  });

  test("needs a published definition", async () => {
    const tenant = await aPlanningTenant(weft);
    const id = await newMilestone(tenant.admin, await aProject(tenant.admin));
    const error = await tenant.admin.refused(submit, { input: { id } });
    expect(error.message).toContain('"milestone-approval"');
  });
});
