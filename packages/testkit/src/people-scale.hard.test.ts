import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CrowdSize, crowds, fillCrowd, settleCrowd, type SomebodyOfCrowd } from "./crowd.js";
import type { TestTenant } from "./test-tenant.js";
import { startTestWeft, type TestWeft } from "./test-weft.js";
import { touchedPages } from "./touched-pages.js";

/**
 * What a large company's people cost to read beside a small one's, in pages that PostgreSQL touches: unlike times these are the same on every machine.
 * `pnpm bench people` has the times.
 */
let kit: TestWeft;
let owner: postgres.Sql;
let app: postgres.Sql;
let auth: postgres.Sql;

interface Company extends SomebodyOfCrowd {
  readonly tenant: TestTenant;
  readonly userTypeId: string;
  readonly teamTypeId: string;
}
const companies: Record<string, Company> = {};

beforeAll(async () => {
  kit = await startTestWeft();
  owner = postgres(kit.database.ownerUrl, { max: 1, onnotice: () => {} });
  app = postgres(kit.database.appUrl, { max: 1 });
  auth = postgres(kit.database.authUrl, { max: 1 });
  for (const [name, size] of Object.entries<CrowdSize>(crowds)) {
    const tenant = await kit.tenant();
    const somebody = await fillCrowd(owner, tenant.id, size);
    const found = await tenant.admin.run<{ users: { edges: { node: { id: string; teams: { id: string }[] } }[] } }>(
      '{ users(filter: { search: { contains: "zebulon" } }) { edges { node { id teams { id } } } } }',
    );
    companies[name] = {
      ...somebody,
      tenant,
      userTypeId: found.users.edges[0]?.node.id ?? "",
      teamTypeId: found.users.edges[0]?.node.teams[0]?.id ?? "",
    };
  }
  await settleCrowd(owner);
}, 120_000);
afterAll(async () => {
  await Promise.all([owner.end(), app.end(), auth.end()]);
  await kit.stop();
});

/** The pages that the statements of an operation touch. */
const pagesOf = ({ tenant }: Company, run: () => Promise<unknown>): Promise<Record<string, number>> =>
  touchedPages({ databases: kit.weft.services.databases, app, auth, tenantId: tenant.id }, run);

/** Of the operation itself: what is cached now and then is read again. */
const cached: ReadonlySet<string> = new Set(["loadViewers", "findLayers"]);
const total = (pages: Record<string, number>) =>
  Object.entries(pages).reduce((sum, [name, each]) => (cached.has(name) ? sum : sum + each), 0);
const page = (of: string) => `{ ${of} { pageInfo { hasNextPage endCursor } edges { node { id key name } } } }`;
const users = (given: string) => `{ users(${given}) { pageInfo { hasNextPage } edges { node { id name email status } } } }`;

describe("beside a company of a hundred, one of ten thousand people, 500 roles and 200 teams", () => {
  test.each<[string, (company: Company) => string]>([
    ["the first page of people", () => users("first: 20")],
    ["the last page of people", () => users("last: 20")],
    ["the first page of the newest people", () => users("first: 20, orderBy: { field: CREATED_AT, direction: DESC }")],
    ["people with roles and teams", () => "{ users(first: 20) { edges { node { name roles { key } teams { key } } } } }"],
    ["somebody searched for by name", () => users('first: 20, filter: { search: { contains: "quist" } }')],
    ["somebody searched for by two words", () => users('first: 20, filter: { search: { contains: "zebulon crowd" } }')],
    ["somebody who is not there", () => users('first: 20, filter: { search: { contains: "xylophone" } }')],
    ["a role's people", () => users('first: 20, filter: { role: { eq: "crowd3" } }')],
    ["a team's people", ({ teamTypeId }) => users(`first: 20, filter: { team: { eq: "${teamTypeId}" } }`)],
    ["the invited, of whom there are none", () => users("first: 20, filter: { status: { eq: INVITED } }")],
    ["the first page of roles", () => page("roles(first: 20)")],
    ["roles with what they grant", () => "{ roles(first: 20) { edges { node { key permissions { permission scope } } } } }"],
    ["a role searched for", () => page('roles(filter: { search: { contains: "crowd 3" } }, first: 5)')],
    ["the first page of teams", () => page("teams(first: 20)")],
    ["a team searched for", () => page('teams(filter: { search: { contains: "crowd1" } }, first: 1)')],
    [
      "what somebody may",
      ({ userTypeId }) => `{ user(id: "${userTypeId}") { name roles { key } effectivePermissions { permission scopes } } }`,
    ],
    [
      "why somebody may",
      ({ userTypeId }) => `{ explainAccess(userId: "${userTypeId}", permission: "user.read", objectId: "${userTypeId}") { isAllowed } }`,
    ],
    [
      "who may read somebody",
      ({ userTypeId }) => `{ whoCan(permission: "user.read", objectId: "${userTypeId}", first: 20) { edges { node { user { name } } } } }`,
    ],
    [
      "who may change somebody",
      ({ userTypeId }) =>
        `{ whoCan(permission: "user.update", objectId: "${userTypeId}", first: 20) { edges { node { user { name } } } } }`,
    ],
    ["who may read requests at all", () => '{ whoCan(permission: "request.read", first: 20) { edges { node { user { name } } } } }'],
  ])("%s costs no more pages than the depth of an index", async (_what, query) => {
    const pages: Record<string, Record<string, number>> = {};
    for (const [name, company] of Object.entries(companies)) {
      const text = query(company);
      // Viewers and plans of statements are cached afterwards.
      await company.tenant.admin.run(text);
      pages[name] = await pagesOf(company, () => company.tenant.admin.run(text));
    }
    // An index of the large company's has up to three levels where the small one's has a single page.
    const [small = 0, large = 0] = [pages["small"], pages["large"]].map((each) => total(each ?? {}));
    expect(large, JSON.stringify(pages)).toBeLessThanOrEqual(small * 3.5 + 50);
  });

  // Those who are found have to be put in order: each costs its place in the index once, and none of them a look at the user.
  test.each([
    ["dora", 1250],
    ["e", 10_000],
  ])("a search that finds very many, %s, goes through the index of words and no further", async (word, most) => {
    const { large } = companies;
    if (!large) throw new Error("There is no large company.");
    const pages = await pagesOf(large, () => large.tenant.admin.run(users(`first: 10, filter: { search: { contains: "${word}" } }`)));
    expect(pages["selectUserIdsOfWord"]).toBeLessThan(most * 1.5);
    expect(pages["selectUsers"]).toBeLessThan(400);
  });
});
