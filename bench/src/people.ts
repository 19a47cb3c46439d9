import { loadConfig, withDatabaseUrls } from "@weft/platform/config";
import { startWeft } from "@weft/standalone";
import { userCounts, fillManyUsers, settleManyUsers } from "@weft/testkit/cost/many-users";
import type { TestUser } from "@weft/testkit/test-user";
import { postgres } from "@weft/pg-driver";
import type { BenchOptions, Report } from "./harness/report.js";
import type { Sample } from "./harness/rounds.js";
import { openTenant, startSite } from "./harness/systems/services.js";
import { median } from "./harness/statistics.js";
import { compareSizes } from "./harness/two-sizes.js";

const small = "100 people, 5 roles, 2 teams";
const large = "10,000 people, 500 roles, 200 teams";

const people = (given: string): string =>
  `{ users(${given}) { pageInfo { hasNextPage endCursor } edges { node { id name email status } } } }`;
const named = (list: string): string => `{ ${list}(first: 20) { edges { node { id key name } } } }`;
const holders = (given: string): string => `{ whoCan(${given}, first: 20) { edges { node { user { id name } } } } }`;

/** Queries of an administrator about users. `somebody` is a user ID. */
const operations: Readonly<Record<string, (somebody: string) => string>> = {
  "a page of people": () => people("first: 20"),
  "the same with roles and teams": () => "{ users(first: 20) { edges { node { id name roles { key } teams { key } } } } }",
  "a search for one": () => people('first: 20, filter: { search: { contains: "quist" } }'),
  "a search for a first name": () => people('first: 10, filter: { search: { contains: "dora" } }'),
  "a role's people": () => people('first: 20, filter: { role: { eq: "many3" } }'),
  "a page of roles": () => named("roles"),
  "a page of teams": () => named("teams"),
  "what somebody may": (somebody) => `{ user(id: "${somebody}") { effectivePermissions { permission scopes } } }`,
  "why somebody may": (somebody) =>
    `{ explainAccess(userId: "${somebody}", permission: "user.read", objectId: "${somebody}") { isAllowed } }`,
  "who may read somebody": (somebody) => holders(`permission: "user.read", objectId: "${somebody}"`),
  "who may change somebody": (somebody) => holders(`permission: "user.update", objectId: "${somebody}"`),
};

interface Company {
  readonly name: string;
  readonly admin: TestUser;
  /** User ID. */
  readonly somebody: string;
}

/** Returns the median of each operation, by company name. */
async function inTurn(companies: readonly Company[], repeats: number): Promise<Map<string, Sample>> {
  const samples = new Map<string, Record<string, number>>(companies.map(({ name }) => [name, {}]));
  for (const [operation, queryFor] of Object.entries(operations)) {
    const times = new Map<string, number[]>(companies.map(({ name }) => [name, []]));
    for (let i = 0; i < repeats; i++) {
      for (const { name, admin, somebody } of companies) {
        const before = performance.now();
        await admin.run(queryFor(somebody));
        times.get(name)?.push(performance.now() - before);
      }
    }
    for (const [name, each] of times) Object.assign(samples.get(name) ?? {}, { [operation]: median(each) });
  }
  return samples;
}

/**
 * Compares the cost of reading the users of a large and a small company: the same operations by each company's administrator, through all of Weft,
 * alternating with each request.
 */
export async function run({ quick }: BenchOptions): Promise<Report> {
  const site = await startSite();
  const config = withDatabaseUrls(loadConfig({ ...site.env, PORT: "0" }), site.services.keys);
  const weft = await startWeft({ config, keys: site.services.keys, log: site.services.log });
  const owner = postgres(site.database.ownerUrl, { max: 1, onnotice: () => {} });
  const repeats = quick ? 10 : 40;
  try {
    const companies: Company[] = [];
    for (const [name, slug, size] of [
      [small, "small", userCounts.small],
      [large, "large", userCounts.large],
    ] as const) {
      const { admin, id } = await openTenant(site.services, weft.url, slug);
      await fillManyUsers(owner, id, size);
      const found = await admin.run<{ users: { edges: { node: { id: string } }[] } }>(
        people('filter: { search: { contains: "zebulon" } }'),
      );
      companies.push({ name, admin, somebody: found.users.edges[0]?.node.id ?? "" });
    }
    await settleManyUsers(owner);
    await inTurn(companies, 10);
    // Requests alternate, so that a slow moment of the machine affects both companies. Each contestant then reports its own figures.
    return await compareSizes({
      title: "People  what a large company costs to look at beside a small one, in ms",
      names: [small, large],
      operations: Object.keys(operations),
      measure: () => inTurn(companies, repeats),
      rounds: quick ? 3 : 7,
      noun: "operations",
      goal: "≤ 1.2",
      notes: [
        `Medians of ${repeats} requests each, one at a time, by the administrator, through gateway and subgraphs in one process.`,
        "In pages of PostgreSQL, which do not depend on the machine: testkit/src/cost/people-scale.hard.test.ts.",
      ],
    });
  } finally {
    await owner.end();
    await weft.stop();
    await site.remove();
  }
}
