/** What people recognize the business object of a workflow by. */
import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { Tx } from "../db/database.js";
import { named } from "../db/named.js";

export interface NamedWork {
  /** Number, tag or code. Null if the object has none. */
  readonly code: string | null;
  /** Of a request: the first text of its form. Null if it has none. */
  readonly name: string | null;
}

// In the order of precedence: an event about a milestone or a contract can also reference its project.
const namesOf: Readonly<Record<string, (id: string) => SQL>> = {
  request: (id) => sql`select r.number as code, (
      select i.data ->> f.name
        from jsonb_array_elements_text(case when t.fields = '[]' then '["summary", "title", "name"]' else t.fields end) with ordinality f (name, n)
       where jsonb_typeof(i.data -> f.name) = 'string' order by f.n limit 1) as name
    from requests.requests r
    join requests.request_types t on t.tenant_id = r.tenant_id and t.id = r.type_id
    join workflows.instance_heads i on i.tenant_id = r.tenant_id and i.id = r.instance_id
   where r.tenant_id = app.tenant() and r.id = ${id}::uuid`,
  asset: (id) => sql`select tag as code, name from requests.assets where tenant_id = app.tenant() and id = ${id}::uuid`,
  building: (id) => sql`select code, name from requests.buildings where tenant_id = app.tenant() and id = ${id}::uuid`,
  milestone: (id) => sql`select null as code, name from vendors.milestones where tenant_id = app.tenant() and id = ${id}::uuid`,
  contract: (id) => sql`select number as code, title as name from vendors.contracts where tenant_id = app.tenant() and id = ${id}::uuid`,
  project: (id) => sql`select code, name from vendors.projects where tenant_id = app.tenant() and id = ${id}::uuid`,
  vendor: (id) => sql`select null as code, name from vendors.vendors where tenant_id = app.tenant() and id = ${id}::uuid`,
};

const MAX_NAME_CHARS = 100;

export interface InheritedSubject {
  readonly type: string;
  /** UUID */
  readonly id: string;
  /** UUID of the ancestor that has it. */
  readonly ancestorId: string;
}

/**
 * Returns the business object that a child instance works for: that of its nearest ancestor with one. Null if none has one. Whoever sees the child need
 * not see the ancestor: tell it only to users who see the ancestor, or the object.
 */
export async function subjectOfAncestors(tx: Tx, instanceId: string): Promise<InheritedSubject | null> {
  const statement = sql`select a.subject_type as type, a.subject_id as id, a.id as "ancestorId"
    from workflows.instances i, unnest(i.ancestors) with ordinality u (id, level)
    join workflows.instances a on a.tenant_id = app.tenant() and a.id = u.id
   where i.tenant_id = app.tenant() and i.id = ${instanceId}::uuid and a.subject_id is not null
   order by u.level desc limit 1`;
  const [row] = await tx.execute<InheritedSubject & Record<string, unknown>>(named("subjectOfAncestors", statement));
  return row ?? null;
}

/** Returns the type of the object that `namesOfWork` names. Undefined if the event references none. */
export const typeOfWork = (related: Readonly<Record<string, string>>): string | undefined =>
  Object.keys(namesOf).find((type) => related[type] !== undefined);

/**
 * Returns what people recognize the business object by that an event references, whether or not anybody can see it. Tell it only to users who can see the
 * workflow, and the name of a request only to users who can read the request. Null if it references none.
 * @param related type → UUID, as in the envelope of an event
 */
export async function namesOfWork(tx: Tx, related: Readonly<Record<string, string>>): Promise<NamedWork | null> {
  const type = typeOfWork(related);
  const [select, id] = type === undefined ? [undefined, undefined] : [namesOf[type], related[type]];
  if (select === undefined || id === undefined) return null;
  const [row] = await tx.execute<NamedWork & Record<string, unknown>>(named("namesOfWork", select(id)));
  if (!row) return null;
  const name = row.name?.replaceAll(/\s+/g, " ").trim().slice(0, MAX_NAME_CHARS) ?? "";
  return { code: row.code, name: name === "" ? null : name };
}

/** `MR-12, The boiler is cold` */
export const workText = ({ code, name }: NamedWork): string => [code, name].filter((part) => part !== null).join(", ");

/** Whether a text contains a number or a code as a whole word: `MR-12 was closed` does not contain `MR-1`. */
export function containsCode(text: string, code: string): boolean {
  const literal = code.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`(?<![\\p{L}\\p{N}])${literal}(?![\\p{L}\\p{N}])`, "u").test(text);
}

/** Appends what the title does not say yet: `Phase Plan · LOBBY, Lobby renovation`. */
export function titledWork(title: string, { code, name }: NamedWork): string {
  const missing = [...(code === null || containsCode(title, code) ? [] : [code]), ...(name === null || title.includes(name) ? [] : [name])];
  return missing.length === 0 ? title : `${title} · ${missing.join(", ")}`;
}
