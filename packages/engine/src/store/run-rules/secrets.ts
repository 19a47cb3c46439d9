/** Values of secrets for the work of steps. They exist only in memory, and only for the step that reads them. */
import { automation } from "@weft/drizzle";
import { named, type TenantSecrets, type Tx } from "@weft/shared";
import { and, eq, sql } from "drizzle-orm";

const { runs } = automation;

/** Position of a secret's value, which its ciphertext is bound to. */
export const secretField = (id: string): string => `workflows.secrets.value/${id}`;

/** Position of the secret inputs of a run. */
export const secretInputsField = (runId: string): string => `workflows.runs.secret_inputs/${runId}`;

export type OpenedSecret = {
  readonly value: string;
  /** Hosts that it can be sent to. Null: all that the security profile allows. */
  readonly domains: readonly string[] | null;
};

/**
 * Returns secrets of the transaction's tenant by name, and notes their use. Those that do not exist are absent. One statement.
 * @param others further names, which are only looked for in results: those that cannot be decrypted are absent as well
 * @throws ServiceUnavailable if a value cannot be decrypted
 */
export async function openSecrets(
  tx: Tx,
  { secrets, tenantId }: { readonly secrets: TenantSecrets; readonly tenantId: string },
  names: ReadonlySet<string> | readonly string[],
  others: ReadonlySet<string> = new Set(),
): Promise<ReadonlyMap<string, OpenedSecret>> {
  const wanted = [...new Set([...names, ...others])];
  if (wanted.length === 0) return new Map();
  // Noted once a minute at most, and never waited for: many steps can read the same secret at once.
  const rows = await tx.execute<{ id: string; name: string; value: string; domains: string[] | null }>(
    named(
      "openSecrets",
      sql`with found as (
        select id, name, value, domains, last_used_at from workflows.secrets
         where tenant_id = app.tenant() and name in (select jsonb_array_elements_text(${JSON.stringify(wanted)}::text::jsonb))
      ), stale as (
        select s.id from workflows.secrets s join found f on f.id = s.id
         where s.tenant_id = app.tenant() and (s.last_used_at is null or s.last_used_at < now() - interval '1 minute')
           for update of s skip locked
      ), used as (
        update workflows.secrets s set last_used_at = now() from stale where s.tenant_id = app.tenant() and s.id = stale.id
      )
      select id, name, value, domains from found`,
    ),
  );
  const open = async (
    some: readonly (typeof rows)[number][],
    how: "open" | "openReadable",
  ): Promise<(readonly [string, OpenedSecret])[]> => {
    const opened = await secrets[how](
      tx,
      tenantId,
      some.map(({ id, value }) => ({ field: secretField(id), value })),
    );
    return some.flatMap(({ name, domains }, index) => {
      const value = opened[index] ?? null;
      return value === null ? [] : [[name, { value, domains }] as const];
    });
  };
  const needed = new Set(names);
  const [first, second] = [rows.filter(({ name }) => needed.has(name)), rows.filter(({ name }) => !needed.has(name))];
  return new Map([...(await open(first, "open")), ...(second.length === 0 ? [] : await open(second, "openReadable"))]);
}

/** Returns the secret inputs of a run by name. Those that were omitted, and all of a run that has ended, are absent. */
export async function openSecretInputs(
  tx: Tx,
  { secrets, tenantId }: { readonly secrets: TenantSecrets; readonly tenantId: string },
  { id, secretInputs }: { readonly id: string; readonly secretInputs: string | null },
): Promise<Readonly<Record<string, string>>> {
  if (secretInputs === null) return {};
  const [opened = "{}"] = await secrets.open(tx, tenantId, [{ field: secretInputsField(id), value: secretInputs }]);
  return JSON.parse(opened) as Record<string, string>;
}

/** Stores the secret inputs of the run that the instance has just begun. They are removed when the run ends. */
export async function sealSecretInputs(
  tx: Tx,
  { secrets, tenantId }: { readonly secrets: TenantSecrets; readonly tenantId: string },
  { instanceId, values }: { readonly instanceId: string; readonly values: Readonly<Record<string, string>> },
): Promise<void> {
  const ofInstance = and(eq(runs.tenantId, sql`app.tenant()`), eq(runs.instanceId, instanceId), eq(runs.hasBegun, false));
  const [run] = await named("findNewRun", tx.select({ id: runs.id }).from(runs).where(ofInstance));
  if (!run) throw new Error(`The instance ${instanceId} has no run that could take secret inputs.`);
  const [secretInputs = ""] = await secrets.seal(tx, tenantId, [{ field: secretInputsField(run.id), value: JSON.stringify(values) }]);
  await named(
    "sealSecretInputs",
    tx
      .update(runs)
      .set({ secretInputs })
      .where(and(ofInstance, eq(runs.id, run.id))),
  );
}
