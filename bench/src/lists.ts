import { encodeId, loadConfig, newId, withDatabaseUrls } from "@weft/shared";
import { startWeft } from "@weft/standalone";
import type { TestUser } from "@weft/testkit/test-user";
import postgres from "postgres";
import type { BenchOptions, Report } from "./harness/report.js";
import type { Sample } from "./harness/rounds.js";
import { openTenant, startSite } from "./harness/services.js";
import { median } from "./harness/statistics.js";
import { compareSizes } from "./harness/two-sizes.js";

const list = (given: string): string =>
  `{ workflowInstances(first: 20${given && `, ${given}`}) { pageInfo { hasNextPage endCursor } edges { node { id state status version createdAt } } } }`;

interface Places {
  /** Ids of a user who owns fifty, and of one to whom fifty are assigned. */
  readonly owner: string;
  readonly assignee: string;
  /** When the middle one was started. */
  readonly middle: string;
}

/** What people look at; a tenth of the instances runs, four states of it, and twenty are in a state of their own. */
const operations: Readonly<Record<string, (at: Places) => string>> = {
  "the newest": () => list(""),
  "half-way down": ({ middle }) => list(`filter: { createdAt: { lt: "${middle}" } }`),
  running: () => list("filter: { status: { eq: RUNNING } }"),
  "a state of a fortieth": () => list('filter: { state: { eq: "triage" } }'),
  "a state of twenty": () => list('filter: { state: { eq: "rare" } }'),
  "a state that none has": () => list('filter: { state: { eq: "never" } }'),
  "of one definition": () => list('filter: { definitionKey: { eq: "process-3" } }'),
  "of one definition, in a state": () => list('filter: { definitionKey: { eq: "process-3" }, state: { eq: "triage" } }'),
  "of an owner of fifty": ({ owner }) => list(`filter: { ownerId: { eq: "${owner}" } }`),
  "assigned to somebody, fifty": ({ assignee }) => list(`filter: { assigneeId: { eq: "${assignee}" } }`),
  "with a value of the data that fifty have": () => list('filter: { data: [{ field: "site", eq: "annex" }] }'),
  "with one that a tenth has": () => list('filter: { data: [{ field: "site", eq: "site-3" }] }'),
  "the oldest": () => list("orderBy: { field: CREATED_AT, direction: ASC }"),
  "by state": () => list("orderBy: { field: STATE, direction: ASC }"),
  "by definition": () => list("orderBy: { field: DEFINITION_KEY, direction: DESC }"),
  "last changed": () => list("orderBy: { field: UPDATED_AT, direction: DESC }"),
};

interface Company {
  readonly name: string;
  readonly admin: TestUser;
  readonly places: Places;
}

/**
 * P6 for instances: lists with filter and order in a tenant of many instances beside one of few, in one database, through the whole of Weft and request by
 * request in turn.
 */
export async function run({ quick }: BenchOptions): Promise<Report> {
  const sizes = { small: 10_000, large: quick ? 100_000 : 1_000_000 };
  const small = `${sizes.small} instances`;
  const large = `${sizes.large} instances`;
  const site = await startSite();
  const config = withDatabaseUrls(loadConfig({ ...site.env, PORT: "0" }), site.services.keys);
  const weft = await startWeft({ config, keys: site.services.keys, log: site.services.log });
  const owner = postgres(site.database.ownerUrl, { max: 1, onnotice: () => {} });
  const repeats = 10;
  try {
    const companies: Company[] = [];
    for (const [name, slug, size] of [
      [small, "small", sizes.small],
      [large, "large", sizes.large],
    ] as const) {
      const { admin, id } = await openTenant(site.services, weft.url, slug);
      companies.push({ name, admin, places: await fillInstances(owner, id, size) });
    }
    for (const table of ["instances", "instance_fields"]) await owner.unsafe(`vacuum analyze workflows.${table}`);
    await owner`checkpoint`;
    await inTurn(companies, 3);
    return await compareSizes({
      title: "P6  lists of instances in a tenant of many beside one of few, in ms",
      names: [small, large],
      operations: Object.keys(operations),
      measure: () => inTurn(companies, repeats),
      rounds: 3,
      noun: "lists",
      goal: "≤ 1.15",
      notes: [`Medians of ${repeats} requests each, one at a time, by the administrator, through gateway and subgraphs in one process.`],
    });
  } finally {
    await owner.end();
    await weft.stop();
    await site.remove();
  }
}

/** The median of each list, by the company's name; every answer is checked to be a page. */
async function inTurn(companies: readonly Company[], repeats: number): Promise<Map<string, Sample>> {
  const samples = new Map<string, Record<string, number>>(companies.map(({ name }) => [name, {}]));
  for (const [operation, queryFor] of Object.entries(operations)) {
    const times = new Map<string, number[]>(companies.map(({ name }) => [name, []]));
    for (let i = 0; i < repeats; i++) {
      for (const { name, admin, places } of companies) {
        const before = performance.now();
        const { workflowInstances } = await admin.run<{ workflowInstances: { edges: object[] } }>(queryFor(places));
        times.get(name)?.push(performance.now() - before);
        const expected = operation === "a state that none has" ? 0 : 20;
        if (workflowInstances.edges.length !== expected)
          throw new Error(`"${operation}" gave ${workflowInstances.edges.length} instances.`);
      }
    }
    for (const [name, each] of times) Object.assign(samples.get(name) ?? {}, { [operation]: median(each) });
  }
  return samples;
}

/** Rows as they are after years, past the engine: what there is, is what matters to whoever reads it. */
async function fillInstances(sql: postgres.Sql, tenantId: string, size: number): Promise<Places> {
  const [me, assignee, definition] = [newId(), newId(), newId()];
  return sql.begin(async (tx) => {
    // The users and the definition of these rows are nobody's business here.
    await tx`set local session_replication_role = replica`;
    await tx`insert into workflows.instances (tenant_id, id, definition_id, definition_key, state, status, data, version, owner_id, assignee_user_id,
        created_at, updated_at, finished_at)
      select ${tenantId}::uuid, app.uuid_v7(), ${definition}::uuid, 'process-' || n % 5, r.state, case when r.is_running then 'RUNNING' else 'COMPLETED' end,
             '{"summary": "The elevator in the lobby grinds", "estimate": 1200}', 3,
             case when n % ${size / 50} = 7 then ${me}::uuid else md5((n % 1000)::text)::uuid end,
             case when n % ${size / 50} = 9 then ${assignee}::uuid when r.is_running then md5((n % 1000)::text)::uuid end,
             r.at, r.at + (n::bigint * 7919 % 86400) * interval '1 second', case when r.is_running then null else r.at + interval '2 days' end
        from generate_series(1, ${size}::int) n,
             lateral (select case when n % ${size / 20} = 0 then 'rare' when n / 7 % 10 = 0 then (array['triage', 'review', 'work', 'wait'])[1 + n / 70 % 4] else 'done' end as state,
                             n / 7 % 10 = 0 or n % ${size / 20} = 0 as is_running, now() - (${size} - n) * interval '20 seconds' as at) r`;
    const site = sql`case when row_number() over (order by id) % ${size / 50} = 11 then 'annex' else 'site-' || row_number() over (order by id) % 10 end`;
    await tx`insert into workflows.instance_fields (tenant_id, instance_id, definition_key, field, text_value, created_at)
      select tenant_id, id, definition_key, 'site', ${site}, created_at from workflows.instances where tenant_id = ${tenantId}::uuid`;
    const [row] = await tx<{ middle: Date }[]>`select now() - ${size / 2} * interval '20 seconds' as middle`;
    const id = (uuid: string): string => encodeId("user", uuid);
    return { owner: id(me), assignee: id(assignee), middle: row?.middle.toISOString() ?? "" };
  });
}
