/** Lists the children of instances for the business objects that these belong to. */
import { named, type Tx } from "@weft/platform/db";
import { sql } from "drizzle-orm";

export interface ListedChild extends Record<string, unknown> {
  /** UUID */
  readonly id: string;
  readonly parentId: string;
  /** `name` in its data, if that is a text. */
  readonly name: string | null;
  readonly state: string;
  readonly status: string;
}

/** Returns the children of instances in the order in which they were started. The caller has checked that the viewer can see the parents. */
export async function findChildrenOf(tx: Tx, parentIds: readonly string[]): Promise<ListedChild[]> {
  const rows = await tx.execute<ListedChild>(
    named(
      "findChildrenOf",
      sql`select c.id, c.parent_id as "parentId", case jsonb_typeof(c.data->'name') when 'string' then c.data->>'name' end as name, c.state, c.status
        from workflows.instances c
       where c.tenant_id = app.tenant() and c.parent_id = any(${sql.param([...parentIds])}::uuid[])
       order by c.parent_version, c.parent_rule, c.child_index`,
    ),
  );
  return [...rows];
}
