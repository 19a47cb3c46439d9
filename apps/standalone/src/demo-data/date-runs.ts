import type { Sql } from "@weft/pg-driver";

/** An offset of a tenant's clock, and since when the clock has had it in real time. */
export interface ClockSetting {
  readonly since: string;
  readonly offsetMs: number;
}

/** Times that runs and agents measure with the real clock, because leases and timeouts depend on them. */
const measured: Readonly<Record<string, readonly string[]>> = {
  runs: ["began_at", "finished_at"],
  run_steps: ["started_at", "finished_at", "attempt_started_at"],
  run_attempts: ["started_at", "finished_at"],
  run_logs: ["at"],
  model_providers: ["created_at", "updated_at"],
  agents: ["created_at", "updated_at"],
  agent_sessions: ["created_at"],
  agent_calls: ["started_at", "finished_at"],
  agent_tool_calls: ["created_at", "decided_at", "finished_at"],
};

/**
 * Moves what runs and agents have measured to the time that the tenant's clock had then. Without this, runs of a history would have been created weeks
 * ago and ended today. Times outside of the settings stay. Requires the connection of the tables' owner.
 */
export async function dateRuns(sql: Sql, tenantId: string, settings: readonly ClockSetting[]): Promise<void> {
  const periods = settings.map(({ since, offsetMs }, index) => ({ since, until: settings[index + 1]?.since ?? since, offsetMs }));
  await sql.begin(async (tx) => {
    await tx`select set_config('app.tenant_id', ${tenantId}, true)`;
    await tx`create temporary table demo_periods on commit drop as
      select since, until, "offsetMs" * interval '1 millisecond' as shift
        from jsonb_to_recordset(${JSON.stringify(periods)}::text::jsonb) as p(since timestamptz, until timestamptz, "offsetMs" bigint)`;
    for (const [table, columns] of Object.entries(measured)) {
      const moved = columns.map(
        (column) =>
          `${column} = t.${column} + coalesce((select p.shift from demo_periods p where t.${column} >= p.since and t.${column} < p.until), interval '0')`,
      );
      await tx.unsafe(`update workflows.${table} t set ${moved.join(", ")} where t.tenant_id = app.tenant()`);
    }
  });
}
