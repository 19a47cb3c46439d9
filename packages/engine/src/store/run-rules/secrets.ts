/** Values of secrets for the work of steps. They exist only in memory, and only for the step that reads them. */
import { automation } from "@weft/drizzle";
import { ServiceUnavailable } from "@weft/shared/errors";
import { named, type Tx } from "@weft/platform/db";
import type { Secret, TenantSecrets } from "@weft/platform/secrets";
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

type Opening = { readonly secrets: TenantSecrets; readonly tenantId: string };

/**
 * Returns secrets of the transaction's tenant by name, and notes their use. Those that do not exist are absent. One statement.
 * @throws ServiceUnavailable if a value cannot be decrypted
 */
export async function openSecrets(
  tx: Tx,
  { secrets, tenantId }: Opening,
  names: Iterable<string>,
): Promise<ReadonlyMap<string, OpenedSecret>> {
  const rows = await findSecrets(tx, [...names]);
  const opened = await secrets.open(tx, tenantId, rows.map(sealedOf));
  return new Map(rows.map(({ name, domains }, index) => [name, { value: opened[index] ?? "", domains }]));
}

/** Like `openSecrets`. Those that cannot be decrypted are null. */
export async function openReadableSecrets(
  tx: Tx,
  opening: Opening,
  names: Iterable<string>,
): Promise<ReadonlyMap<string, OpenedSecret | null>> {
  const rows = await findSecrets(tx, [...names]);
  const opened = await openReadable(tx, opening, rows.map(sealedOf));
  return new Map(
    rows.map(({ name, domains }, index) => {
      const value = opened[index] ?? null;
      return [name, value === null ? null : { value, domains }];
    }),
  );
}

/** The keys of the tenant may themselves be unreadable, if the installation's master key is missing. */
async function openReadable(tx: Tx, { secrets, tenantId }: Opening, sealed: readonly Secret[]): Promise<readonly (string | null)[]> {
  try {
    return await secrets.openReadable(tx, tenantId, sealed);
  } catch (error) {
    if (error instanceof ServiceUnavailable && error.extensions["service"] === "secrets") return sealed.map(() => null);
    throw error;
  }
}

type SecretRow = { readonly id: string; readonly name: string; readonly value: string; readonly domains: string[] | null };

const sealedOf = ({ id, value }: SecretRow): Secret => ({ field: secretField(id), value });

/** Returns the sealed values, and notes their use. */
async function findSecrets(tx: Tx, wanted: readonly string[]): Promise<readonly SecretRow[]> {
  if (wanted.length === 0) return [];
  // Noted once a minute at most, and never waited for: many steps can read the same secret at once.
  return tx.execute<SecretRow>(
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
}

/**
 * Returns the secret inputs of a run by name. Those that were omitted, and all of a run that has ended, are absent. Null: they cannot be decrypted.
 */
export async function openSecretInputs(
  tx: Tx,
  opening: Opening,
  { id, secretInputs }: { readonly id: string; readonly secretInputs: string | null },
): Promise<Readonly<Record<string, string>> | null> {
  if (secretInputs === null) return {};
  const [opened = null] = await openReadable(tx, opening, [{ field: secretInputsField(id), value: secretInputs }]);
  return opened === null ? null : (JSON.parse(opened) as Record<string, string>);
}

/** Stores the secret inputs of the run that the instance has just begun. They are removed when the run ends. */
export async function sealSecretInputs(
  tx: Tx,
  { secrets, tenantId }: Opening,
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
