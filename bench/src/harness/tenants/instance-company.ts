import { encodeId, newId } from "@weft/shared/ids";
import type { TestTenant } from "@weft/testkit/test-tenant";
import type { TestUser } from "@weft/testkit/test-user";
import type { postgres } from "@weft/pg-driver";
import { inSlices, type Sliced } from "@weft/testkit/cost/sliced";
import type { Sample } from "../rounds.js";
import { median } from "../statistics.js";

const list = (given: string): string =>
  `{ workflowInstances(first: 20${given && `, ${given}`}) { pageInfo { hasNextPage endCursor } edges { node { id state status version createdAt } } } }`;
const search = (words: string): string => list(`filter: { search: { contains: "${words}" } }`);

export interface Places {
  /** IDs of a user who owns fifty instances, and of a user to whom fifty are assigned. */
  readonly owner: string;
  readonly assignee: string;
  /** Start time of the middle instance. */
  readonly middle: string;
}

/** Ends the names of operations whose pages are empty. */
export const none = "that none has";

/** Lists that people look at. A tenth of the instances are running, in four states, and twenty are in a separate state. */
export const instanceOperations: Readonly<Record<string, (at: Places) => string>> = {
  "the newest": () => list(""),
  "half-way down": ({ middle }) => list(`filter: { createdAt: { lt: "${middle}" } }`),
  running: () => list("filter: { status: { eq: RUNNING } }"),
  "a state of a fortieth": () => list('filter: { state: { eq: "triage" } }'),
  "a state of twenty": () => list('filter: { state: { eq: "rare" } }'),
  [`a state ${none}`]: () => list('filter: { state: { eq: "never" } }'),
  "of one definition": () => list('filter: { definitionKey: { eq: "process-3" } }'),
  "of one definition, in a state": () => list('filter: { definitionKey: { eq: "process-3" }, state: { eq: "triage" } }'),
  "of an owner of fifty": ({ owner }) => list(`filter: { ownerId: { eq: "${owner}" } }`),
  "assigned to somebody, fifty": ({ assignee }) => list(`filter: { assigneeId: { eq: "${assignee}" } }`),
  "with a value of the data that fifty have": () => list('filter: { data: [{ field: "site", eq: "annex" }] }'),
  "with one that a tenth has": () => list('filter: { data: [{ field: "site", eq: "site-3" }] }'),
  "a word that fifty have": () => search("annex"),
  "a word that a tenth has": () => search("floor3"),
  "a word that all have": () => search("elevator"),
  "the beginning of a word, and another": () => search("elev annex"),
  [`a word ${none}`]: () => search("xylophone"),
  "the oldest": () => list("orderBy: { field: CREATED_AT, direction: ASC }"),
  "by state": () => list("orderBy: { field: STATE, direction: ASC }"),
  "by definition": () => list("orderBy: { field: DEFINITION_KEY, direction: DESC }"),
  "last changed": () => list("orderBy: { field: UPDATED_AT, direction: DESC }"),
};

export interface InstanceCompany {
  readonly name: string;
  readonly admin: TestUser;
  readonly places: Places;
}

/** Opens a tenant with this many instances, whose administrator reads them. */
export async function openInstanceCompany(
  owner: postgres.Sql,
  { admin, id }: Pick<TestTenant, "admin" | "id">,
  { name, count, sliced }: { readonly name: string; readonly count: number; readonly sliced?: Sliced },
): Promise<InstanceCompany> {
  return { name, admin, places: await fillInstances(owner, id, count, sliced) };
}

/** A company of any kind, and queries for its places. */
interface Listed<At> {
  readonly name: string;
  readonly admin: TestUser;
  readonly places: At;
}
type Lists<At> = Readonly<Record<string, (at: At) => string>>;

/** Returns the median of each list, by company name. Checks that pages, or counts, are the same in all companies. */
export async function listsInTurn<At = Places>(
  companies: readonly Listed<At>[],
  repeats: number,
  lists: Lists<At> = instanceOperations as unknown as Lists<At>,
): Promise<Map<string, Sample>> {
  const samples = new Map<string, Record<string, number>>(companies.map(({ name }) => [name, {}]));
  // A round can start after a token has expired.
  const present = await Promise.all(companies.map(async (company) => ({ ...company, admin: await company.admin.again() })));
  for (const [operation, queryFor] of Object.entries(lists)) {
    const times = new Map<string, number[]>(companies.map(({ name }) => [name, []]));
    for (let i = 0; i < repeats; i++) {
      const sizes = new Set<number>();
      for (const { name, admin, places } of present) {
        const before = performance.now();
        const [found] = Object.values(await admin.run<Record<string, { edges: object[]; totalCount?: number }>>(queryFor(places)));
        times.get(name)?.push(performance.now() - before);
        sizes.add(found?.totalCount ?? found?.edges.length ?? 0);
      }
      // If a page were shorter in one of the companies, the comparison would be meaningless.
      if (sizes.size > 1 || sizes.has(0) !== operation.endsWith(none))
        throw new Error(`"${operation}" gave ${[...sizes].join(" and ")} items.`);
    }
    for (const [name, each] of times) Object.assign(samples.get(name) ?? {}, { [operation]: median(each) });
  }
  return samples;
}

/** Writes workflows of requests (see `fillRecords`) as they are after years of use, bypassing the engine. Reading costs the same. */
async function fillInstances(sql: postgres.Sql, tenantId: string, size: number, sliced?: Sliced): Promise<Places> {
  const [me, assignee, definition] = [newId(), newId(), newId()];
  await inSlices(sql, size, sliced, async (tx, from, to) => {
    const rows = tx`(select n, ('00000000-0000-7000-a000-' || lpad(to_hex(n), 12, '0'))::uuid as id, now() - (${size} - n) * interval '20 seconds' as at,
        n / 7 % 10 = 0 or n % ${size / 20} = 0 as is_running, n % ${size / 50} = 11 as is_annex
        from generate_series(${from}::int, ${to - 1}::int) n) r`;
    await tx`insert into workflows.instances (tenant_id, id, definition_id, definition_key, subject_type, subject_id, state, status, data, version, owner_id,
        assignee_user_id, created_at, updated_at, finished_at)
      select ${tenantId}::uuid, r.id, ${definition}::uuid, 'process-' || n % 5, 'request',
             ('00000000-0000-7000-b000-' || lpad(to_hex(n), 12, '0'))::uuid,
             case when n % ${size / 20} = 0 then 'rare' when n / 7 % 10 = 0 then (array['triage', 'review', 'work', 'wait'])[1 + n / 70 % 4] else 'done' end,
             case when r.is_running then 'RUNNING' else 'COMPLETED' end, '{"summary": "The elevator in the lobby grinds", "estimate": 1200}', 3,
             case when n % ${size / 50} = 7 then ${me}::uuid else md5((n % 1000)::text)::uuid end,
             case when n % ${size / 50} = 9 then ${assignee}::uuid when r.is_running then md5((n % 1000)::text)::uuid end,
             r.at, r.at + (n::bigint * 7919 % 86400) * interval '1 second', case when r.is_running then null else r.at + interval '2 days' end
        from ${rows}`;
    await tx`insert into workflows.instance_fields (tenant_id, instance_id, definition_key, field, text_value, created_at)
      select ${tenantId}::uuid, r.id, 'process-' || n % 5, 'site', case when r.is_annex then 'annex' else 'site-' || n % 10 end, r.at from ${rows}`;
    await tx`insert into workflows.instance_words (tenant_id, instance_id, word)
      select ${tenantId}::uuid, r.id, w.word from ${rows}, unnest(array['elevator', 'floor' || n % 10, case when r.is_annex then 'annex' end]) w(word) where w.word is not null`;
  });
  const [row] = await sql<{ middle: Date }[]>`select now() - ${size / 2} * interval '20 seconds' as middle`;
  const id = (uuid: string): string => encodeId("user", uuid);
  return { owner: id(me), assignee: id(assignee), middle: row?.middle.toISOString() ?? "" };
}
