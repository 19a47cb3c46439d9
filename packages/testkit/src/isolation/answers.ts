import type { ApiResult } from "@weft/standalone";
import type { Sql } from "postgres";
import type { World } from "./world.js";

/** An answer without what differs from call to call: the ids that were sent, the request id, the order of errors. Two answers are the same when these are. */
export function comparable({ data, errors }: ApiResult, sent: readonly string[]): string {
  const plain = errors?.map(({ message, path, extensions: { requestId: _requestId, ...extensions } = {} }) => ({
    message,
    path,
    extensions,
  }));
  let text = JSON.stringify({ data, errors: plain });
  for (const id of sent) text = text.replaceAll(id, "(id)");
  return text;
}

/** The codes of an answer's errors, each once. */
export const codesOf = ({ errors = [] }: ApiResult): string[] => [
  ...new Set(errors.map(({ extensions }) => extensions?.code ?? "no code")),
];

/** Ids of a tenant that stand in an answer, beside those that were sent. */
export function idsWithin(answer: unknown, { ids }: World, sent: readonly string[] = []): string[] {
  const text = JSON.stringify(answer);
  return [...ids.values()].flat().filter((id) => !sent.includes(id) && text.includes(id.slice(4)));
}

/** A digest of each table's rows of a tenant, by `schema.table`; tables without rows of it are missing. */
export async function checksums(owner: Sql, tenantId: string): Promise<Record<string, string>> {
  const tables = await owner<{ name: string }[]>`
    select format('%I.%I', c.table_schema, c.table_name) as name from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
    where column_name = 'tenant_id' and table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema') order by 1`;
  const union = tables
    .map(
      ({ name }) =>
        `select '${name}' as name, md5(string_agg(t::text, '|' order by t::text)) as digest from ${name} t where tenant_id = $1`,
    )
    .join(" union all ");
  const rows = await owner.unsafe<{ name: string; digest: string | null }[]>(union, [tenantId]);
  return Object.fromEntries(rows.flatMap(({ name, digest }) => (digest === null ? [] : [[name, digest]])));
}
