import { visibleInstances } from "@weft/platform/rights";
import { requests as tables, workflows } from "@weft/drizzle";
import type { Viewer } from "@weft/shared/viewer";
import { worksOn } from "@weft/platform/access";
import type { KeysetSlice } from "@weft/api/pages";
import { and, eq, inArray, or, type SQL, sql } from "drizzle-orm";
import { boolean, integer, jsonb, pgView, text, timestamp, uuid } from "drizzle-orm/pg-core";

const { requests } = tables;
const { instanceHeads } = workflows;

const time = (name: string) => timestamp(name, { withTimezone: true, mode: "string" });

/** An entry of a timeline: the columns that every branch returns. Not a view of the database, but the name of the rows in the statement. */
export const entry = pgView("entry", {
  /** UUID of the row. Entries of SLA clocks have none, so theirs is a hash. */
  id: uuid("id").notNull(),
  at: time("at").notNull(),
  /** The order is by `place`, then by `step`. Entries of SLA clocks, which count whole seconds, follow the others of their second. */
  place: time("place").notNull(),
  step: integer("step").notNull(),
  kind: text("kind").notNull(),
  event: text("event").notNull(),
  isInternal: boolean("is_internal").notNull(),
  actorId: uuid("actor_id"),
  onBehalfOf: uuid("on_behalf_of"),
  isAutomatic: boolean("is_automatic").notNull(),
  text: text("text"),
  transition: text("transition"),
  /** Definition whose states and transitions it names. */
  definitionId: uuid("definition_id"),
  fromState: text("from_state"),
  toState: text("to_state"),
  assignee: jsonb("assignee").$type<{ readonly type: "USER" | "TEAM" | "VENDOR"; readonly id: string }>(),
  title: text("title"),
  /** The other request of a merge or split; the former instance of a conversion. */
  otherId: uuid("other_id"),
}).existing();

/** Values of the columns that a branch does not have. */
const columns = {
  id: sql`null::uuid`,
  at: sql`null::timestamptz`,
  place: sql`null::timestamptz`,
  step: sql`0`,
  kind: sql`null::text`,
  event: sql`null::text`,
  is_internal: sql`false`,
  actor_id: sql`null::uuid`,
  on_behalf_of: sql`null::uuid`,
  is_automatic: sql`false`,
  text: sql`null::text`,
  transition: sql`null::text`,
  definition_id: sql`null::uuid`,
  from_state: sql`null::text`,
  to_state: sql`null::text`,
  assignee: sql`null::jsonb`,
  title: sql`null::text`,
  other_id: sql`null::uuid`,
} as const;

/** One source of entries. */
interface Branch {
  /** Kinds of its entries. */
  readonly kinds: readonly string[];
  readonly columns: Partial<Record<keyof typeof columns, SQL>>;
  /** Tables, restricted to the request or the instance of the outer statement. */
  readonly from: SQL;
  /** The same for the former instances of the request, if the table contains rows of instances. */
  readonly ofFormer?: SQL;
  /** Condition for the entries that the viewer can read. Row-level security restricts users of a vendor further. */
  readonly readable: (viewer: Viewer) => SQL | undefined;
  /** Expression with the same order as `place` and `step`, if only that one has an index. */
  readonly orderedBy?: SQL;
}

const ofRequest = (table: SQL, id: SQL): SQL => sql`${table}.tenant_id = ${requests.tenantId} and ${id} = ${requests.id}`;
const ofInstance = (table: SQL): SQL => sql`${table}.tenant_id = ${requests.tenantId} and ${table}.instance_id = ${requests.instanceId}`;

/** The table, restricted to the former instances of the request of the outer statement. */
const ofFormer = (table: SQL, alias: SQL): SQL =>
  sql`requests.former_instances f join ${table} ${alias} on ${alias}.tenant_id = f.tenant_id and ${alias}.instance_id = f.instance_id
    where f.tenant_id = ${requests.tenantId} and f.request_id = ${requests.id}`;

const seesWorkflow = (viewer: Viewer): SQL => visibleInstances(viewer, "workflow.read", instanceHeads);
const isOpenOr = (...others: (SQL | undefined)[]): SQL | undefined => or(eq(entry.isInternal, false), ...others);

/** A merge or split, in the timeline of one of its requests. */
const ofCopies = (table: SQL, { own, other, merge, split }: Readonly<Record<"own" | "other" | "merge" | "split", SQL>>): Branch => ({
  kinds: ["CONVERSION"],
  columns: {
    id: sql`${table}.id`,
    at: sql`${table}.created_at`,
    place: sql`${table}.created_at`,
    kind: sql`'CONVERSION'`,
    event: sql`case ${table}.kind when 'MERGE' then ${merge} else ${split} end`,
    is_internal: sql`true`,
    actor_id: sql`${table}.actor_id`,
    on_behalf_of: sql`${table}.on_behalf_of`,
    other_id: other,
  },
  from: sql`requests.copies ${table} where ${ofRequest(table, own)}`,
  readable: (viewer) => worksOn(viewer, "request.read", instanceHeads),
});

/** End of a second. */
const after = (at: SQL): SQL => sql`${at} + interval '0.999999 seconds'`;

const sources: readonly Branch[] = [
  {
    kinds: ["TRANSITION", "ASSIGNMENT", "CHANGE", "COMMENT"],
    columns: {
      id: sql`h.id`,
      at: sql`h.at`,
      place: sql`h.at`,
      step: sql`2 * h.version`,
      kind: sql`case h.kind when 'ASSIGNMENT' then 'ASSIGNMENT' when 'DATA' then 'CHANGE' when 'COMMENT' then 'COMMENT' else 'TRANSITION' end`,
      event: sql`h.kind`,
      actor_id: sql`h.actor_id`,
      on_behalf_of: sql`h.on_behalf_of`,
      is_automatic: sql`h.is_automatic`,
      text: sql`h.comment`,
      transition: sql`h.transition`,
      definition_id: sql`(select i.definition_id from workflows.instances i where i.tenant_id = h.tenant_id and i.id = h.instance_id)`,
      from_state: sql`h.from_state`,
      to_state: sql`h.to_state`,
      assignee: sql`case when h.kind = 'ASSIGNMENT' then h.changes->'assignee' end`,
    },
    from: sql`workflows.history h where ${ofInstance(sql`h`)}`,
    ofFormer: ofFormer(sql`workflows.history`, sql`h`),
    readable: seesWorkflow,
    // No version has an earlier time than the one before it: the engine sees to that. So the busiest table needs no further index.
    orderedBy: sql`h.version`,
  },
  {
    kinds: ["COMMENT"],
    columns: {
      id: sql`n.id`,
      at: sql`n.created_at`,
      place: sql`n.created_at`,
      // After the change of the same version.
      step: sql`2 * n.version + 1`,
      kind: sql`'COMMENT'`,
      event: sql`'COMMENT'`,
      is_internal: sql`true`,
      actor_id: sql`n.author_id`,
      on_behalf_of: sql`n.on_behalf_of`,
      text: sql`n.text`,
    },
    from: sql`workflows.internal_comments n where ${ofInstance(sql`n`)}`,
    ofFormer: ofFormer(sql`workflows.internal_comments`, sql`n`),
    readable: (viewer) => and(seesWorkflow(viewer), worksOn(viewer, "workflow.read", instanceHeads)),
  },
  {
    kinds: ["COMMENT"],
    columns: {
      id: sql`c.id`,
      at: sql`c.created_at`,
      place: sql`c.created_at`,
      kind: sql`'COMMENT'`,
      event: sql`'REQUEST_COMMENT'`,
      is_internal: sql`c.audience = 'INTERNAL'`,
      actor_id: sql`c.author_id`,
      on_behalf_of: sql`c.on_behalf_of`,
      text: sql`c.text`,
    },
    from: sql`requests.comments c where ${ofRequest(sql`c`, sql`c.request_id`)} and c.deleted_at is null`,
    readable: (viewer) => isOpenOr(worksOn(viewer, "request.read", instanceHeads)),
  },
  {
    kinds: ["FILE"],
    columns: {
      id: sql`a.id`,
      at: sql`a.created_at`,
      place: sql`a.created_at`,
      kind: sql`'FILE'`,
      event: sql`'ATTACHMENT'`,
      is_internal: sql`a.visibility = 'INTERNAL'`,
      actor_id: sql`a.created_by`,
    },
    from: sql`app.attachments a where ${ofRequest(sql`a`, sql`a.object_id`)} and a.object_type = 'request'`,
    // Uploaders see what they attached.
    readable: (viewer) => isOpenOr(worksOn(viewer, "request.read", instanceHeads), eq(entry.actorId, viewer.userId)),
  },
  {
    kinds: ["SLA"],
    columns: {
      id: sql`md5(i.clock_id::text || i.position)::uuid`,
      at: sql`i.from_at`,
      place: after(sql`i.from_at`),
      step: sql`1000000 + i.position`,
      kind: sql`'SLA'`,
      event: sql`case when i.cause in ('START', 'RESET') and i.phase in ('RUN', 'PAUSE') then 'SLA_START' when i.phase <> 'RUN' then 'SLA_' || i.phase
        when i.cause in ('RESUME', 'RESUME_BY_HAND', 'ROLLBACK') then 'SLA_RESUME' else 'SLA_CHANGE' end`,
      actor_id: sql`i.actor_id`,
      is_automatic: sql`i.actor_id is null`,
      title: sql`(select k.title from workflows.sla_clocks k where k.tenant_id = i.tenant_id and k.id = i.clock_id)`,
    },
    from: sql`workflows.sla_intervals i where ${ofInstance(sql`i`)}`,
    ofFormer: ofFormer(sql`workflows.sla_intervals`, sql`i`),
    readable: seesWorkflow,
    orderedBy: sql`i.from_at`,
  },
  {
    kinds: ["SLA"],
    columns: {
      id: sql`k.id`,
      at: sql`k.breached_at`,
      place: after(sql`k.breached_at`),
      step: sql`2000000`,
      kind: sql`'SLA'`,
      event: sql`'SLA_BREACH'`,
      is_automatic: sql`true`,
      title: sql`k.title`,
    },
    from: sql`workflows.sla_clocks k where ${ofInstance(sql`k`)} and k.breached_at is not null`,
    ofFormer: sql`${ofFormer(sql`workflows.sla_clocks`, sql`k`)} and k.breached_at is not null`,
    readable: seesWorkflow,
    orderedBy: sql`k.breached_at`,
  },
  {
    kinds: ["ESCALATION"],
    columns: {
      id: sql`e.id`,
      at: sql`e.occurred_at`,
      place: sql`e.occurred_at`,
      step: sql`3000000`,
      kind: sql`'ESCALATION'`,
      event: sql`'ESCALATION'`,
      is_automatic: sql`true`,
      title: sql`e.title`,
    },
    from: sql`workflows.escalations e where ${ofInstance(sql`e`)}`,
    ofFormer: ofFormer(sql`workflows.escalations`, sql`e`),
    readable: seesWorkflow,
  },
  ofCopies(sql`m`, { own: sql`m.from_id`, other: sql`m.to_id`, merge: sql`'MERGED_INTO'`, split: sql`'SPLIT_OFF'` }),
  ofCopies(sql`o`, { own: sql`o.to_id`, other: sql`o.from_id`, merge: sql`'MERGED'`, split: sql`'SPLIT_FROM'` }),
  {
    kinds: ["CONVERSION"],
    columns: {
      id: sql`v.instance_id`,
      at: sql`v.converted_at`,
      place: sql`v.converted_at`,
      // After the end of the former instance, before the start of the new one.
      step: sql`1`,
      kind: sql`'CONVERSION'`,
      event: sql`'CONVERTED'`,
      actor_id: sql`v.actor_id`,
      on_behalf_of: sql`v.on_behalf_of`,
      title: sql`(select t.name from requests.request_types t where t.tenant_id = v.tenant_id and t.id = v.type_id)`,
      other_id: sql`v.instance_id`,
    },
    from: sql`requests.former_instances v where ${ofRequest(sql`v`, sql`v.request_id`)}`,
    readable: () => undefined,
  },
];

/** Of entries with the same time, those of the former instance come first. */
const beforeConversion = (step: SQL = sql`0`): SQL => sql`${step} - 10000000`;

/** Former instances are few, so their entries need no order of an index. Most requests have none. */
const branches: readonly Branch[] = sources.flatMap(({ ofFormer: from, orderedBy, ...branch }) => [
  { ...branch, ...(orderedBy && { orderedBy }) },
  ...(from ? [{ ...branch, from, columns: { ...branch.columns, step: beforeConversion(branch.columns.step) } }] : []),
]);

const listed = (expressions: readonly SQL[]): SQL => sql.join([...expressions], sql`, `);
const names = listed(Object.keys(columns).map((name) => sql`entry.${sql.identifier(name)}`));

/** Returns the statement of a branch: the first entries of its request in the slice's order, or all. */
function entriesOf(branch: Branch, viewer: Viewer, kinds: readonly string[] | null, slice: KeysetSlice | null): SQL {
  const selected = Object.entries(columns).map(([name, otherwise]) => {
    const value = branch.columns[name as keyof typeof columns] ?? otherwise;
    return sql`${value} as ${sql.identifier(name)}`;
  });
  if (branch.orderedBy) selected.push(sql`${branch.orderedBy} as ordered_by`);
  const isOfKinds = kinds === null || branch.kinds.every((kind) => kinds.includes(kind)) ? undefined : inArray(entry.kind, [...kinds]);
  const where = and(branch.readable(viewer), isOfKinds, slice?.where) ?? sql`true`;
  const rows = sql`select ${names} from (select ${listed(selected)} from ${branch.from}) as entry where ${where}`;
  if (slice === null) return rows;
  const first = branch.orderedBy ? [sql`entry.ordered_by ${sql.raw(slice.walk)}`] : [];
  return sql`(${rows} order by ${listed([...first, ...slice.orderBy])} limit ${slice.limit})`;
}

/**
 * Returns the statement of the entries of a request, which the outer statement joins laterally. With a slice, each branch reads only as many entries as
 * the page has, in the order of an index, so that a page costs the same however long the timeline is. Undefined if no branch has entries of the kinds.
 */
export function timelineOf(viewer: Viewer, kinds: readonly string[] | null, slice: KeysetSlice | null): SQL | undefined {
  const wanted = branches.filter((branch) => kinds === null || branch.kinds.some((kind) => kinds.includes(kind)));
  if (wanted.length === 0) return undefined;
  const all = sql.join(
    wanted.map((branch) => entriesOf(branch, viewer, kinds, slice)),
    sql` union all `,
  );
  return slice === null ? all : sql`select ${names} from (${all}) as entry order by ${listed(slice.orderBy)} limit ${slice.limit}`;
}
