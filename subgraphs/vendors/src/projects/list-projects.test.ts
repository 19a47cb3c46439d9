import { loadExampleDefinition, sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { beforeAll, expect, test } from "vitest";

const create = "mutation ($input: CreateProjectInput!) { createProject(input: $input) { project { id } } }";
const list = `query ($filter: ProjectFilter, $orderBy: ProjectOrder, $first: Int, $after: String) {
  projects(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor }
    edges { node { code name status startsOn endsOn budget { amount currency } manager { id name } createdBy { id name } workflow { id status } } } } }`;

interface Listed {
  readonly projects: {
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
    readonly edges: readonly { readonly node: { readonly code: string } }[];
  };
}

let kit: SharedWeft;
let tenant: TestTenant;
let admin: TestUser;
let manager: TestUser;
beforeAll(async () => {
  kit = await sharedWeft();
  tenant = await kit.tenant();
  ({ admin } = tenant);
  await tenant.definition(await loadExampleDefinition("project"));
  manager = await tenant.user("workflow_manager");
  const made = (code: string, input: object) => admin.run(create, { input: { code, name: code, ...input } });
  await made("LOBBY", { description: "Repairing the ceilings", startsOn: "2026-03-01", endsOn: "2026-09-30", managerId: manager.id });
  await made("ROOF", { name: "New roof", startsOn: "2026-02-01" });
  await made("YARD", { name: "Yard", startsOn: "2026-05-01", endsOn: "2026-06-30", managerId: manager.id });
  await made("IDEA", { name: "Someday" });
});

const codes = async (variables: object, who = admin): Promise<string[]> =>
  (await who.run<Listed>(list, { ...variables })).projects.edges.map(({ node }) => node.code);

test("projects are filtered by day and manager, and found by other forms of a word", async () => {
  expect(await codes({ filter: { startsOn: { gte: "2026-03-01" } } })).toEqual(["YARD", "LOBBY"]);
  expect(await codes({ filter: { endsOn: { lt: "2026-07-01" } } })).toEqual(["YARD"]);
  expect(await codes({ filter: { manager: { eq: manager.id } } })).toEqual(["YARD", "LOBBY"]);
  expect(await codes({ filter: { search: { contains: "repaired ceiling" } } })).toEqual(["LOBBY"]);
  expect(await codes({ filter: { search: { contains: "ro" } } })).toEqual(["ROOF"]);
  const update = "mutation ($input: UpdateProjectInput!) { updateProject(input: $input) { project { id } } }";
  const { projects } = await admin.run<{ projects: { edges: { node: { id: string } }[] } }>(
    '{ projects(filter: { code: { eq: "IDEA" } }) { edges { node { id } } } }',
  );
  await admin.run(update, { input: { id: projects.edges[0]?.node.id, name: "Greenhouse" } });
  expect(await codes({ filter: { search: { contains: "someday" } } })).toEqual([]);
  expect(await codes({ filter: { search: { contains: "greenhouses" } } })).toEqual(["IDEA"]);
});

test("projects are ordered by their days, page by page, those without one last", async () => {
  const paged = async (field: string, direction: string): Promise<string[]> => {
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const { projects }: Listed = await admin.run<Listed>(list, { orderBy: { field, direction }, first: 1, after });
      seen.push(...projects.edges.map(({ node }) => node.code));
      after = projects.pageInfo.hasNextPage ? projects.pageInfo.endCursor : null;
    } while (after !== null);
    return seen;
  };
  expect(await paged("STARTS_ON", "ASC")).toEqual(["ROOF", "LOBBY", "YARD", "IDEA"]);
  expect(await paged("STARTS_ON", "DESC")).toEqual(["IDEA", "YARD", "LOBBY", "ROOF"]);
  expect((await paged("ENDS_ON", "ASC")).slice(0, 2)).toEqual(["YARD", "LOBBY"]);
});

test("a page of many projects costs as many statements as a page of one", async () => {
  // The first one has a manager, as others do.
  const orderBy = { field: "ENDS_ON", direction: "ASC" };
  const count = (first: number): Promise<number> => kit.statementCount(() => admin.run(list, { orderBy, first }));
  expect(await count(50)).toBe(await count(1));
});
