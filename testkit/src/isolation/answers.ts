import type { ApiResult } from "@weft/standalone";
import type { Sql } from "@weft/pg-driver";
import type { Fixture } from "./fixture.js";

/**
 * Returns an answer without the parts that differ between calls: the sent IDs, the request ID, the order of errors. Two answers are equal if the
 * returned texts are equal.
 */
export function comparable({ data, errors }: ApiResult, sent: readonly string[]): string {
  // An error in one item of a list can make the whole list null. Then it depends on the order of execution which item it is.
  const plain = errors?.map(({ message, path, extensions: { requestId: _requestId, ...extensions } = {} }) => ({
    message,
    path: path?.map((part) => (typeof part === "number" ? "(index)" : part)),
    extensions,
  }));
  // Times that run on between two answers.
  let text = JSON.stringify({ data, errors: plain?.map((error) => JSON.stringify(error)).toSorted() })
    .replaceAll(/"(consumedSeconds|remainingSeconds)":-?\d+/g, '"$1":"(running)"')
    .replaceAll(/("cause":"[A-Z_]+","seconds"):-?\d+/g, '$1:"(running)"')
    .replaceAll(/"(now|deadline)":"[^"]*"/g, '"$1":"(running)"')
    .replaceAll(/("lease":"[^"]*","expiresAt"):"[^"]*"/g, '$1:"(running)"')
    .replaceAll(/"url":"\/files\/[^"]*","expiresAt":"[^"]*"/g, '"url":"(link)"');
  for (const id of sent) text = text.replaceAll(id, "(id)");
  return text;
}

/** Returns the distinct error codes of an answer. */
export const codesOf = ({ errors = [] }: ApiResult): string[] => [
  ...new Set(errors.map(({ extensions }) => extensions?.code ?? "no code")),
];

const suffixLength = 26;
const suffixRuns = new RegExp(`[0-9a-z]{${suffixLength},}`, "g");
const idsBySuffix = new WeakMap<Fixture["ids"], ReadonlyMap<string, readonly string[]>>();

function bySuffix(ids: Fixture["ids"]): ReadonlyMap<string, readonly string[]> {
  const known = idsBySuffix.get(ids);
  if (known !== undefined) return known;
  const made = Map.groupBy([...ids.values()].flat(), (id) => id.slice(4));
  const odd = [...made.keys()].find((suffix) => !/^[0-9a-z]{26}$/.test(suffix));
  if (odd !== undefined) throw new Error(`${odd} is not the suffix of an ID: it would not be found in answers.`);
  idsBySuffix.set(ids, made);
  return made;
}

/**
 * Returns the tenant's IDs that occur in an answer, except those that were sent. Finds the suffix of an ID also within a longer word. The walks look for
 * thousands of IDs in thousands of answers, so the answer is read once, and not once per ID.
 */
export function idsWithin(answer: unknown, { ids }: Fixture, sent: readonly string[] = []): string[] {
  const suffixes = bySuffix(ids);
  const found = new Set<string>();
  for (const [run] of JSON.stringify(answer).matchAll(suffixRuns)) {
    for (let start = 0; start + suffixLength <= run.length; start++) {
      for (const id of suffixes.get(run.slice(start, start + suffixLength)) ?? []) if (!sent.includes(id)) found.add(id);
    }
  }
  return [...found];
}

/** What the rows of a table mean, if a worker replaces them, at any time, by others that mean the same: differences by their sum. */
const meanings: Readonly<Record<string, string>> = {
  "vendors.work_days": `(select tenant_id, vendor_id, day, sum(assigned), sum(responded), sum(response_us), sum(completed), sum(completion_us),
    sum(reopened), sum(measured), sum(met), sum(rated), sum(stars) from vendors.work_days group by tenant_id, vendor_id, day)`,
};

/**
 * Returns a digest of the tenant's rows in each table, by `schema.table`. Tables without rows of the tenant are omitted. The walks call it after each
 * operation: the information schema is slower than the catalog, and a sum of the rows' hashes needs no order.
 */
export async function checksums(owner: Sql, tenantId: string): Promise<Record<string, string>> {
  const tables = await owner<{ name: string }[]>`
    select format('%I.%I', n.nspname, c.relname) as name
      from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
     where a.attname = 'tenant_id' and not a.attisdropped and c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema')
     order by 1`;
  const union = tables
    .map(
      ({ name }) =>
        `select '${name}' as name, count(*) || ' ' || sum(hashtextextended(t::text, 0)) as digest from ${meanings[name] ?? name} t where tenant_id = $1`,
    )
    .join(" union all ");
  const rows = await owner.unsafe<{ name: string; digest: string | null }[]>(union, [tenantId], { prepare: true });
  return Object.fromEntries(rows.flatMap(({ name, digest }) => (digest === null ? [] : [[name, digest]])));
}
