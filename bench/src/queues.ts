import { loadConfig, withDatabaseUrls } from "@weft/shared";
import { startWeft } from "@weft/standalone";
import type { TestTenant } from "@weft/testkit/test-tenant";
import type { TestUser } from "@weft/testkit/test-user";
import postgres from "postgres";
import type { BenchOptions, Report } from "./harness/report.js";
import type { Sample } from "./harness/rounds.js";
import { openTenant, startSite } from "./harness/services.js";
import { median } from "./harness/statistics.js";
import { compareSizes } from "./harness/two-sizes.js";

const perInstance = 10;

const definition = `weft: 1
key: bench
name: Bench
data: { type: object, properties: {} }
initial: review
states:
  review: { task: { title: Review, candidates: { roles: [operations] } }, transitions: { close: { to: closed } } }
  closed: { final: completed }
`;

const page = (given: string): string =>
  `{ tasks(${given}, first: 20) { pageInfo { hasNextPage endCursor } edges { node { id title status dueAt priority } } } }`;

/** What people ask of their queues all day; `cursor` stands in the middle of the queue. */
const operations: Readonly<Record<string, (cursor: string) => string>> = {
  "offered to me": () => page("queue: OFFERED_TO_ME"),
  "offered to me, by deadline": () => page("queue: OFFERED_TO_ME, orderBy: { field: DUE_AT }"),
  "offered to me, by priority": () => page("queue: OFFERED_TO_ME, orderBy: { field: PRIORITY, direction: DESC }"),
  "offered to me, what is high": () => page("queue: OFFERED_TO_ME, filter: { priority: { in: [HIGH, URGENT] } }"),
  "offered to me, deep in it": (cursor) => page(`queue: OFFERED_TO_ME, after: "${cursor}"`),
  mine: () => page("queue: MINE"),
  "my team's": () => page("queue: TEAM"),
  unassigned: () => page("queue: UNASSIGNED"),
  overdue: () => page("queue: OVERDUE"),
  counts: () => "{ taskCounts { mine offeredToMe team unassigned overdue } }",
};

interface Company {
  readonly name: string;
  readonly people: readonly { readonly user: TestUser; readonly cursor: string }[];
}

/**
 * Fills a tenant with tasks, past the API: half of them waits. A fifth of those is offered to approvers, the rest to other roles and teams, one in a
 * hundred to several; two hundred name people, twenty of them this one; a thousandth is claimed, of which twenty are hers.
 */
async function fillTasks(
  owner: postgres.Sql,
  tenant: TestTenant,
  { count, person, team }: { count: number; person: string; team: string },
): Promise<void> {
  const [found] = await owner<{ id: string; author: string }[]>`
    select id, created_by as author from workflows.definitions where tenant_id = ${tenant.id} and key = 'bench'`;
  await owner`insert into workflows.instances (tenant_id, id, definition_id, definition_key, state, data, version, owner_id, created_at, updated_at)
    select ${tenant.id}, ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, ${found?.id ?? ""}, 'bench', 'review', '{}', 1, ${found?.author ?? ""}, now() - n * interval '1 second', now()
      from generate_series(1, ${Math.ceil(count / perInstance)}::int) n`;
  await owner`insert into workflows.tasks (tenant_id, id, instance_id, state, rule, title, copy, status, candidate_roles, candidate_user_ids, candidate_team_ids,
      assignee_id, priority, due_at, created_at, closed_at)
    select ${tenant.id}, ('00000000-0000-7000-9000-' || lpad(to_hex(n), 12, '0'))::uuid, ('00000000-0000-7000-8000-' || lpad(to_hex(1 + n / ${perInstance}::int), 12, '0'))::uuid,
        'review', 'review', 'Review ' || n, 1 + n % ${perInstance}::int, case when over then 'CLOSED' when mine or n % 1000 = 7 then 'CLAIMED' else 'OPEN' end,
        case when named then '{}' when n % 100 = 3 then array['operations', 'approver'] when n % 5 = 0 then array['approver'] when n % 400 = 1 then '{}' else array['role' || n % 50] end,
        case when named then array[case when n < ${count}::int / 2 and n % (${count}::int / 40) = 11 then ${person}::uuid else gen_random_uuid() end] else '{}' end,
        case when not named and n % 100 <> 3 and n % 5 <> 0 and n % 400 = 1 then array[case when n % 4000 = 1 then ${team}::uuid else gen_random_uuid() end] else '{}' end,
        case when mine then ${person}::uuid when n % 1000 = 7 and not over then ${found?.author ?? ""}::uuid end,
        n % 4, case when n % 3 = 0 then now() + (n % 100000 - 1000) * interval '1 minute' end, now() - n * interval '1 second', case when over then now() end
      from (select n, n % 2 = 0 as over, n % 2 = 1 and n % greatest(1, ${count}::int / 400) = 11 as named, n % 2 = 1 and n % greatest(1, ${count}::int / 40) = 13 as mine
              from generate_series(0, ${count - 1}::int) n) given`;
}

/** The median of each operation, by the company's name. */
async function inTurn(companies: readonly Company[], repeats: number): Promise<Map<string, Sample>> {
  const samples = new Map<string, Record<string, number>>(companies.map(({ name }) => [name, {}]));
  for (const [operation, queryFor] of Object.entries(operations)) {
    const times = new Map<string, number[]>(companies.map(({ name }) => [name, []]));
    for (let i = 0; i < repeats; i++) {
      for (const { name, people } of companies) {
        const before = performance.now();
        for (const { user, cursor } of people) await user.run(queryFor(cursor));
        times.get(name)?.push((performance.now() - before) / people.length);
      }
    }
    for (const [name, each] of times) Object.assign(samples.get(name) ?? {}, { [operation]: median(each) });
  }
  return samples;
}

async function openCompany(owner: postgres.Sql, tenant: TestTenant, name: string, count: number): Promise<Company> {
  await tenant.definition(definition);
  const team = await tenant.team("reviewers");
  const approver = await tenant.user("approver", { teams: ["reviewers"] });
  // Sees by assignment alone, and is named by twenty tasks.
  const clerk = await tenant.user("vendor_user", { teams: ["reviewers"] });
  const uuids = await owner<
    { id: string }[]
  >`select id from identity.users where tenant_id = ${tenant.id} order by created_at desc limit 1`;
  const [group] = await owner<{ id: string }[]>`select id from identity.teams where tenant_id = ${tenant.id} and key = 'reviewers'`;
  if (team === "") throw new Error("no team");
  await fillTasks(owner, tenant, { count, person: uuids[0]?.id ?? "", team: group?.id ?? "" });
  const people = [];
  for (const user of [approver, clerk]) {
    const { tasks } = await user.run<{ tasks: { pageInfo: { endCursor: string } } }>(
      `{ tasks(queue: OFFERED_TO_ME, first: 10) { pageInfo { endCursor } } }`,
    );
    people.push({ user, cursor: tasks.pageInfo.endCursor });
  }
  return { name, people };
}

/** P6 for queues of tasks: the same operations where there are ten thousand tasks, and where there are a million. */
export async function run({ quick }: BenchOptions): Promise<Report> {
  const site = await startSite();
  const config = withDatabaseUrls(loadConfig({ ...site.env, PORT: "0" }), site.services.keys);
  const weft = await startWeft({ config, keys: site.services.keys, log: site.services.log });
  const owner = postgres(site.database.ownerUrl, { max: 1, onnotice: () => {} });
  const [few, many] = [10_000, quick ? 100_000 : 1_000_000];
  const [small, large] = [few, many].map((count) => `${count.toLocaleString("en")} tasks`) as [string, string];
  try {
    const companies = [
      await openCompany(owner, await openTenant(site.services, weft.url, "small"), small, few),
      await openCompany(owner, await openTenant(site.services, weft.url, "large"), large, many),
    ];
    for (const table of ["instances", "tasks"]) await owner.unsafe(`vacuum analyze workflows.${table}`);
    await inTurn(companies, 10);
    return await compareSizes({
      title: "P6  queues of tasks: what a million tasks cost beside ten thousand, in ms",
      names: [small, large],
      operations: Object.keys(operations),
      measure: () => inTurn(companies, quick ? 10 : 30),
      rounds: quick ? 3 : 5,
      noun: "operations",
      goal: "≤ 1.15",
      notes: [
        "Half of the tasks waits. Means of two people: an approver, to whom a fifth of it is offered, and somebody whom twenty tasks name. Through gateway and subgraphs in one process, request by request in turn.",
      ],
    });
  } finally {
    await owner.end();
    await weft.stop();
    await site.remove();
  }
}
