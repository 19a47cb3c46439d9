import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type UserCounts, userCounts, fillManyUsers, settleManyUsers, type SimulatedUser } from "./many-users.js";
import type { TestTenant } from "../test-tenant.js";
import { startTestWeft, type TestWeft } from "../test-weft.js";
import { touchedPages } from "./touched-pages.js";

/**
 * Compares the cost of reading the users of a large and a small company, in pages that PostgreSQL touches. Unlike times, page counts are the same on
 * every machine. `pnpm bench people` measures the times.
 */
let kit: TestWeft;
let owner: postgres.Sql;
let app: postgres.Sql;
let auth: postgres.Sql;

interface Company extends SimulatedUser {
  readonly tenant: TestTenant;
  readonly userTypeId: string;
  readonly teamTypeId: string;
}
const companies: Record<string, Company> = {};

beforeAll(async () => {
  kit = await startTestWeft({ alone: "It fills the database." });
  owner = postgres(kit.database.ownerUrl, { max: 1, onnotice: () => {} });
  app = postgres(kit.database.appUrl, { max: 1 });
  auth = postgres(kit.database.authUrl, { max: 1 });
  for (const [name, size] of Object.entries<UserCounts>(userCounts)) {
    const tenant = await kit.tenant();
    const somebody = await fillManyUsers(owner, tenant.id, size);
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
  await settleManyUsers(owner);
}, 120_000);
afterAll(async () => {
  await Promise.all([owner.end(), app.end(), auth.end()]);
  await kit.stop();
});

/** Returns the pages that the statements of an operation touch. */
const pagesOf = ({ tenant }: Company, run: () => Promise<unknown>): Promise<Record<string, number>> =>
  touchedPages({ databases: kit.weft.services.databases, app, auth, tenantId: tenant.id }, run);

/** Statements that are not counted, because their results are cached and only occasionally read again. */
const cached: ReadonlySet<string> = new Set(["loadViewers", "findLayers"]);
const total = (pages: Record<string, number>) =>
  Object.entries(pages).reduce((sum, [name, each]) => (cached.has(name) ? sum : sum + each), 0);
const page = (of: string) => `{ ${of} { pageInfo { hasNextPage endCursor } edges { node { id key name } } } }`;
const users = (given: string) => `{ users(${given}) { pageInfo { hasNextPage } edges { node { id name email status } } } }`;

describe("compared with a company of a hundred users, one of ten thousand users, 500 roles, and 200 teams", () => {
  test.each<[string, (company: Company) => string]>([
    ["the first page of users", () => users("first: 20")],
    ["the last page of users", () => users("last: 20")],
    ["the first page of the newest users", () => users("first: 20, orderBy: { field: CREATED_AT, direction: DESC }")],
    ["users with roles and teams", () => "{ users(first: 20) { edges { node { name roles { key } teams { key } } } } }"],
    ["a user searched for by name", () => users('first: 20, filter: { search: { contains: "quist" } }')],
    ["a user searched for by two words", () => users('first: 20, filter: { search: { contains: "zebulon many" } }')],
    ["a user who does not exist", () => users('first: 20, filter: { search: { contains: "xylophone" } }')],
    ["a role's users", () => users('first: 20, filter: { role: { eq: "many3" } }')],
    ["a team's users", ({ teamTypeId }) => users(`first: 20, filter: { team: { eq: "${teamTypeId}" } }`)],
    ["invited users, if there are none", () => users("first: 20, filter: { status: { eq: INVITED } }")],
    ["the first page of roles", () => page("roles(first: 20)")],
    ["roles with their permissions", () => "{ roles(first: 20) { edges { node { key permissions { permission scope } } } } }"],
    ["a role searched for", () => page('roles(filter: { search: { contains: "many 3" } }, first: 5)')],
    ["the first page of teams", () => page("teams(first: 20)")],
    ["a team searched for", () => page('teams(filter: { search: { contains: "many1" } }, first: 1)')],
    [
      "the permissions of a user",
      ({ userTypeId }) => `{ user(id: "${userTypeId}") { name roles { key } effectivePermissions { permission scopes } } }`,
    ],
    [
      "the explanation of a user's access",
      ({ userTypeId }) => `{ explainAccess(userId: "${userTypeId}", permission: "user.read", objectId: "${userTypeId}") { isAllowed } }`,
    ],
    [
      "the users who can read a user",
      ({ userTypeId }) => `{ whoCan(permission: "user.read", objectId: "${userTypeId}", first: 20) { edges { node { user { name } } } } }`,
    ],
    [
      "the users who can change a user",
      ({ userTypeId }) =>
        `{ whoCan(permission: "user.update", objectId: "${userTypeId}", first: 20) { edges { node { user { name } } } } }`,
    ],
    [
      "the users who can read requests at all",
      () => '{ whoCan(permission: "request.read", first: 20) { edges { node { user { name } } } } }',
    ],
  ])("%s costs no more pages than the depth of an index", async (_what, query) => {
    const pages: Record<string, Record<string, number>> = {};
    for (const [name, company] of Object.entries(companies)) {
      const text = query(company);
      // After the first run, viewers and query plans are cached.
      await company.tenant.admin.run(text);
      pages[name] = await pagesOf(company, () => company.tenant.admin.run(text));
    }
    // An index of the large company has up to three levels where that of the small one has a single page.
    const [small = 0, large = 0] = [pages["small"], pages["large"]].map((each) => total(each ?? {}));
    expect(large, JSON.stringify(pages)).toBeLessThanOrEqual(small * 3.5 + 50);
  });

  // The users found must be sorted. Each of them is read once from the index, and none requires reading the user itself.
  test.each([
    ["dora", 1250],
    ["e", 10_000],
  ])("a search with very many matches, %s, uses only the index of words", async (word, most) => {
    const { large } = companies;
    if (!large) throw new Error("There is no large company.");
    const pages = await pagesOf(large, () => large.tenant.admin.run(users(`first: 10, filter: { search: { contains: "${word}" } }`)));
    expect(pages["selectUserIdsOfWord"]).toBeLessThan(most * 1.5);
    expect(pages["selectListedUsers"]).toBeLessThan(400);
  });
});
