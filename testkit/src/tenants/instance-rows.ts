import type { postgres } from "@weft/pg-driver";

const own = "x.instance_id = $1";
/** The tables with rows of an instance: which rows are its own, in which order they are listed, and what is left out. */
const tables: Readonly<Record<string, { readonly where: string; readonly order?: string; readonly without?: string }>> = {
  "workflows.instances": { where: "x.id = $1" },
  "workflows.history": { where: own },
  "workflows.tasks": { where: own },
  "workflows.instance_fields": { where: own },
  "workflows.timers": { where: own },
  "workflows.sla_clocks": { where: own },
  "workflows.sla_intervals": { where: own, order: "to_jsonb(x)->>'clock_id', to_jsonb(x)->>'position'" },
  "workflows.escalation_runs": { where: own },
  "workflows.escalations": { where: own },
  "events.log": { where: "x.subject_id = $1 or x.related->>'instance' = $1::text" },
  // The time when an entry was written: without a batch, in the transaction that has read; with a batch, in its next one.
  "audit.entries": { where: "x.entity_id = $1", without: "- 'at'" },
};

const ids = "[0-9a-f]{8}-[0-9a-f-]{27}|(?<=:)[A-Za-z0-9_-]{38,}|\\besc_[a-z0-9]+";
const times = "\\d{4}-\\d\\d-\\d\\dT[\\d:.]+(?:Z|\\+00:00)";

/**
 * Returns all rows of an instance as text, to compare it with that of another one. IDs and ciphertexts differ from instance to instance, so each has a name in the
 * order of appearance; the same for times, unless both instances were at the same times.
 */
export async function instanceRows(owner: postgres.Sql, id: string, { keepTimes = false } = {}): Promise<string> {
  const found: unknown[] = [];
  for (const [table, { where, order = "to_jsonb(x)->>'id'", without = "" }] of Object.entries(tables))
    found.push(table, await owner.unsafe(`select to_jsonb(x) ${without} as row from ${table} x where ${where} order by ${order}`, [id]));
  const names = new Map<string, string>();
  const varying = new RegExp(keepTimes ? ids : `${ids}|${times}`, "g");
  return JSON.stringify(found, null, 1).replaceAll(
    varying,
    (one) => names.get(one) ?? (names.set(one, `v${names.size}`), `v${names.size - 1}`),
  );
}
