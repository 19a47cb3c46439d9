import { aPlanningTenant, aProject, fillPlan, type PlanShape, startTestWeft, type TestTenant, type TestWeft } from "@weft/testkit";
import { touchedPages } from "@weft/testkit/cost/touched-pages";
import { decodeId, encodeId } from "@weft/shared/ids";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/** What a change of a plan and the schedule after it cost, in statements, rows, and pages of PostgreSQL. `pnpm bench plans` measures the times. */
let weft: TestWeft;
let acme: TestTenant;
let owner: postgres.Sql;
let app: postgres.Sql;
let auth: postgres.Sql;

beforeAll(async () => {
  weft = await startTestWeft({ alone: "It fills the database." });
  acme = await aPlanningTenant(weft);
  const connect = (url: string) => postgres(url, { max: 1, onnotice: () => {} });
  [owner, app, auth] = [connect(weft.database.ownerUrl), connect(weft.database.appUrl), connect(weft.database.authUrl)];
}, 60_000);
afterAll(async () => {
  await Promise.all([owner.end(), app.end(), auth.end()]);
  await weft.stop();
});

const tenantId = (): string => acme.id;

async function aLargePlan(shape: PlanShape, size: number): Promise<{ projectId: string; taskId: string }> {
  const projectId = await aProject(acme.admin);
  const tasks = await fillPlan(owner, acme.admin, { projectId, tenantId: tenantId(), size, shape });
  return { projectId, taskId: encodeId("projectTask", tasks[shape === "star" ? 0 : 11] ?? "") };
}

let minutes = 60;
const change = (taskId: string) =>
  acme.admin.run("mutation ($input: UpdateProjectTaskInput!) { updateProjectTask(input: $input) { projectTask { version } } }", {
    input: { id: taskId, durationMinutes: ++minutes },
  });
const schedule = (projectId: string) =>
  acme.admin.run<{ projectSchedule: { tasks: object[] } }>(
    "query ($id: ID!) { projectSchedule(projectId: $id) { finishAt tasks { startAt finishAt totalSlackMinutes isCritical } criticalPath { startAt } } }",
    { id: projectId },
  );
const preview = (taskId: string) =>
  acme.admin.run("query ($id: ID!) { shiftPreview(taskId: $id, byMinutes: 480) { newFinishAt shiftedTasks { newStartAt } } }", {
    id: taskId,
  });

const namesOf = async (run: () => Promise<unknown>): Promise<string[]> =>
  (await weft.statements(run)).flatMap((text) => /^\/\* (\w+) \*\//.exec(text)?.[1] ?? []);

describe.each<PlanShape>(["mixed", "chain", "tree", "star"])("a plan of 5,000 tasks (%s)", (shape) => {
  test("is read with one statement after a change, and a change writes one task", { timeout: 60_000 }, async () => {
    const { projectId, taskId } = await aLargePlan(shape, 5000);
    expect((await schedule(projectId)).projectSchedule.tasks).toHaveLength(5000);
    const changes = await namesOf(() => change(taskId));
    expect(changes.filter((name) => /Plan|Task|Dependenc/.test(name))).toEqual([
      "findProjectTasks",
      "lockPlan",
      "findProjectTasks",
      "updateProjectTaskRow",
    ]);
    const [written] = await owner.begin(async (tx) => {
      await tx`select set_config('app.tenant_id', ${tenantId()}, true)`;
      return tx<
        { tasks: number }[]
      >`select count(*)::int as tasks from vendors.project_tasks where project_id = ${decodeId("project", projectId)} and version > 1`;
    });
    expect(written?.tasks).toBe(1);
    const reads = await namesOf(() => schedule(projectId));
    expect(reads.filter((name) => name.startsWith("find") && name !== "findLayers")).toEqual([
      "findReachedProjects",
      "findPlanHeads",
      "findPlanContents",
    ]);
    // The plan is known then.
    expect(await namesOf(() => schedule(projectId))).not.toContain("findPlanContents");
    expect(await namesOf(() => preview(taskId))).not.toContain("findPlanContents");
  });
});

test("ten times as many tasks touch at most twelve times as many pages", { timeout: 60_000 }, async () => {
  const pagesOf = async (size: number): Promise<number> => {
    const { projectId, taskId } = await aLargePlan("mixed", size);
    await change(taskId);
    const watched = { databases: weft.weft.services.databases, app, auth, tenantId: tenantId() };
    return (await touchedPages(watched, () => schedule(projectId)))["findPlanContents"] ?? 0;
  };
  const [few, many] = [await pagesOf(500), await pagesOf(5000)];
  expect(few).toBeGreaterThan(0);
  expect(many).toBeLessThanOrEqual(12 * few + 50);
});
