import { workflows } from "@weft/drizzle";
import { among, named, type Tx } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { sql } from "drizzle-orm";
import type { SubjectColumns } from "./subject.type.js";

const { instances } = workflows;

type Inherited = { readonly id: string; readonly subject: SubjectColumns | null };

/** Returns the business object of the nearest ancestor that has one, for each child instance. The viewer already sees the children. */
function selectSubjectsOfAncestors(tx: Tx, ids: readonly string[]): Promise<Inherited[]> {
  // Written out: of a statement with one table, the builder would leave out the name of the table, and the columns would be those of `a`.
  const subject = sql<SubjectColumns | null>`(
    select json_build_object('subjectType', a.subject_type, 'subjectId', a.subject_id)
      from unnest(workflows.instances.ancestors) with ordinality as u (id, level)
      join workflows.instances a on a.tenant_id = workflows.instances.tenant_id and a.id = u.id
     where a.subject_id is not null order by u.level desc limit 1)`;
  return named("selectSubjectsOfAncestors", tx.select({ id: instances.id, subject }).from(instances).where(among(instances.id, ids)));
}

/** Loads the business object that a child instance works for. Null if no ancestor has one. One statement for all instances of the response. */
export async function loadSubjectOfAncestors(ctx: Context, id: string): Promise<SubjectColumns | null> {
  const loader = ctx.loader<string, Inherited>(
    "subjectOfAncestors",
    async (tx, ids) => new Map((await selectSubjectsOfAncestors(tx, ids)).map((row) => [row.id, row])),
  );
  return (await loader.load(id))?.subject ?? null;
}
