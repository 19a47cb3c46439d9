import { loadConfig, withDatabaseUrls } from "@weft/shared";
import { startWeft } from "@weft/standalone";
import { crowds, fillCrowd, settleCrowd } from "@weft/testkit/crowd";
import type { TestUser } from "@weft/testkit/test-user";
import postgres from "postgres";
import type { BenchOptions, Report } from "./harness/report.js";
import type { Sample } from "./harness/rounds.js";
import { openTenant, startSite } from "./harness/services.js";
import { median } from "./harness/statistics.js";
import { compareSizes } from "./harness/two-sizes.js";

const small = "100 people, 5 roles, 2 teams";
const large = "10,000 people, 500 roles, 200 teams";

const people = (given: string): string =>
  `{ users(${given}) { pageInfo { hasNextPage endCursor } edges { node { id name email status } } } }`;
const named = (list: string): string => `{ ${list}(first: 20) { edges { node { id key name } } } }`;
const holders = (given: string): string => `{ whoCan(${given}, first: 20) { edges { node { user { id name } } } } }`;

/** What an administrator asks about people; `somebody` is an id. */
const operations: Readonly<Record<string, (somebody: string) => string>> = {
  "a page of people": () => people("first: 20"),
  "the same with roles and teams": () => "{ users(first: 20) { edges { node { id name roles { key } teams { key } } } } }",
  "a search for one": () => people('first: 20, filter: { search: { contains: "quist" } }'),
  "a search for a first name": () => people('first: 10, filter: { search: { contains: "dora" } }'),
  "a role's people": () => people('first: 20, filter: { role: { eq: "crowd3" } }'),
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
  /** An id. */
  readonly somebody: string;
}

/** The median of each operation, by the company's name. */
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
 * What a large company's people cost to look at beside a small one's: the same operations, by the administrator of each, through the whole of Weft and
 * request by request in turn.
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
      [small, "small", crowds.small],
      [large, "large", crowds.large],
    ] as const) {
      const { admin, id } = await openTenant(site.services, weft.url, slug);
      await fillCrowd(owner, id, size);
      const found = await admin.run<{ users: { edges: { node: { id: string } }[] } }>(
        people('filter: { search: { contains: "zebulon" } }'),
      );
      companies.push({ name, admin, somebody: found.users.edges[0]?.node.id ?? "" });
    }
    await settleCrowd(owner);
    await inTurn(companies, 10);
    // Request by request, so that a slow moment of the machine is everybody's; each then tells what it had.
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
        "In pages of PostgreSQL, which do not depend on the machine: packages/testkit/src/people-scale.hard.test.ts.",
      ],
    });
  } finally {
    await owner.end();
    await weft.stop();
    await site.remove();
  }
}
