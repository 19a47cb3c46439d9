import { brokenInvariants, startTestWeft, type TestTenant, type TestUser, type TestWeft } from "@weft/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

const MANY = 1_000;
const BROKEN = 37;
const version = (data: string, task: string, state = "review") => `weft: 1
key: loan
name: Loan
data: { type: object, ${data} }
initial: ${state}
states:
  ${state}:
    ${task}
    transitions: { approve: { to: done } }
  done: { final: completed }
`;
const first = version(
  "properties: { amount: { type: number }, note: { type: string } }",
  "task: { title: Review, candidates: { roles: [operations] } }",
);
const second = version(
  "required: [amount], properties: { amount: { type: number }, note: { type: string } }",
  "tasks: { check: { title: Check, candidates: { roles: [operations] }, due: P3D }, file: { title: File, candidates: { roles: [operations] } } }",
  "check",
);
const mapping = { states: [{ from: "review", to: "check" }], set: { "data.note": "'migrated'" } };

const plan = `query ($from: ID!, $to: ID!, $mapping: MigrationMappingInput, $compatibility: MigrationCompatibility, $after: String) {
  planMigration(from: $from, to: $to, mapping: $mapping) { total examined compatible incompatible
    instances(compatibility: $compatibility, first: 100, after: $after) { pageInfo { hasNextPage endCursor } edges { node { canMigrate path changed
      tasks { change title dueAfter } problems { code path } instance { id } } } } } }`;
const instancesOf = `query ($definitionId: ID!, $after: String) { workflowInstances(filter: { definitionId: { eq: $definitionId } }, first: 50, after: $after) {
  pageInfo { hasNextPage endCursor } edges { node { id state data version tasks { title status } } } } }`;

interface Page<T> {
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  readonly edges: readonly { readonly node: T }[];
}
interface Entry {
  readonly canMigrate: boolean;
  readonly path: readonly string[];
  readonly changed: readonly string[];
  readonly tasks: readonly { readonly change: string; readonly title: string }[];
  readonly problems: readonly object[];
  readonly instance: { readonly id: string };
}
interface Instance {
  readonly id: string;
  readonly state: string;
  readonly data: object;
  readonly version: number;
  readonly tasks: readonly { readonly title: string; readonly status: string }[];
}

let weft: TestWeft;
let acme: TestTenant;
let manager: TestUser;
beforeAll(async () => {
  weft = await startTestWeft({ alone: "It checks the invariants of all tenants." });
  acme = await weft.tenant();
  manager = await acme.user("workflow_manager");
});
afterAll(() => weft.stop());

async function allOf<T>(read: (after: string | null) => Promise<Page<T>>): Promise<T[]> {
  const all: T[] = [];
  for (let after: string | null = null, more = true; more;) {
    const { edges, pageInfo } = await read(after);
    all.push(...edges.map(({ node }) => node));
    [after, more] = [pageInfo.endCursor, pageInfo.hasNextPage];
  }
  return all;
}

test(
  `of ${MANY} running instances, the plan lists exactly the ${BROKEN} that would break, and migrating gives the planned result`,
  { timeout: 600_000 },
  async () => {
    const from = await acme.definition(first);
    const broken = new Set<string>();
    const start = async (n: number): Promise<void> => {
      // Distributed among the others.
      const isBroken = n % 27 === 5 && broken.size < BROKEN;
      const { startWorkflow } = await acme.admin.run<{ startWorkflow: { instance: { id: string } } }>(
        `mutation ($data: JSON) { startWorkflow(input: { definitionKey: "loan", data: $data }) { instance { id } } }`,
        { data: isBroken ? { note: "No amount" } : { amount: n } },
      );
      if (isBroken) broken.add(startWorkflow.instance.id);
    };
    for (let n = 0; n < MANY; n += 10) await Promise.all(Array.from({ length: 10 }, (_, at) => start(n + at)));
    expect(broken.size).toBe(BROKEN);
    const to = await acme.definition(second);

    const planned = async (compatibility: string | null, after: string | null) =>
      (
        await manager.run<{ planMigration: { total: number; compatible: number; incompatible: number; instances: Page<Entry> } }>(plan, {
          from,
          to,
          mapping,
          compatibility,
          after,
        })
      ).planMigration;
    expect(await planned(null, null)).toMatchObject({ total: MANY, examined: MANY, compatible: MANY - BROKEN, incompatible: BROKEN });
    const breaking = await allOf(async (after) => (await planned("INCOMPATIBLE", after)).instances);
    expect(new Set(breaking.map(({ instance }) => instance.id))).toEqual(broken);
    expect(breaking.every(({ problems }) => JSON.stringify(problems) === JSON.stringify([{ code: "DATA", path: "data.amount" }]))).toBe(
      true,
    );
    const fitting = await allOf(async (after) => (await planned("COMPATIBLE", after)).instances);
    expect(fitting).toHaveLength(MANY - BROKEN);

    const before = new Map(
      (
        await allOf(
          async (after) =>
            (await manager.run<{ workflowInstances: Page<Instance> }>(instancesOf, { definitionId: from, after })).workflowInstances,
        )
      ).map((one) => [one.id, one]),
    );
    const { migrateInstances } = await manager.run<{ migrateInstances: { operation: { id: string } } }>(
      "mutation ($input: MigrateInstancesInput!) { migrateInstances(input: $input) { operation { id } } }",
      { input: { from, to, mapping, expectedTotal: MANY } },
    );
    await weft.weft.worker.idle();
    const { bulkOperation } = await manager.run<{ bulkOperation: object }>(
      "query ($id: ID!) { bulkOperation(id: $id) { status done failed } }",
      {
        id: migrateInstances.operation.id,
      },
    );
    expect(bulkOperation).toEqual({ status: "COMPLETED", done: MANY - BROKEN, failed: BROKEN });

    const after = new Map(
      (
        await allOf(
          async (cursor) =>
            (await manager.run<{ workflowInstances: Page<Instance> }>(instancesOf, { definitionId: to, after: cursor })).workflowInstances,
        )
      ).map((one) => [one.id, one]),
    );
    expect(new Set(after.keys())).toEqual(new Set(fitting.map(({ instance }) => instance.id)));
    for (const { instance, path, changed, tasks } of fitting) {
      const [was, is] = [before.get(instance.id), after.get(instance.id)];
      if (!was || !is) throw new Error(`${instance.id} is not there`);
      const wasOpen = was.tasks.filter(({ status }) => status === "OPEN").map(({ title }) => title);
      const of = (change: string) => tasks.filter((task) => task.change === change).map(({ title }) => title);
      const wanted = [
        ...wasOpen.filter((title) => !of("CLOSED").includes(title) && of("CHANGED").length === 0),
        ...of("OPENED"),
        ...of("CHANGED"),
      ];
      expect(is).toMatchObject({ state: path.at(-1), version: was.version + path.length, data: { ...was.data, note: "migrated" } });
      expect(changed).toEqual(["note"]);
      expect(
        is.tasks
          .filter(({ status }) => status === "OPEN")
          .map(({ title }) => title)
          .toSorted(),
      ).toEqual(wanted.toSorted());
    }
    // Incompatible instances are unchanged.
    for (const stayed of await allOf(
      async (cursor) =>
        (await manager.run<{ workflowInstances: Page<Instance> }>(instancesOf, { definitionId: from, after: cursor })).workflowInstances,
    ))
      expect(stayed).toEqual(before.get(stayed.id));
    expect(await brokenInvariants({ ownerUrl: weft.database.ownerUrl })).toEqual([]);
  },
);
