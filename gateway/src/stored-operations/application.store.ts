import { alone, type Database, named } from "@weft/platform/db";
import { sql } from "drizzle-orm";

/** An application in one of its environments. */
export interface ApplicationPlace {
  /** UUID */
  readonly applicationId: string;
  readonly environment: string;
}

/** What is active in an environment of an application. */
export interface ActiveManifests {
  readonly tenantId: string;
  /** Whether it belongs to the operators of the installation, so that users of all tenants can use it. */
  readonly isShared: boolean;
  /** UUIDs, in ascending order. The documents of a manifest never change. */
  readonly manifestIds: readonly string[];
}

export interface ManifestText {
  readonly manifestId: string;
  readonly documentId: string;
  readonly text: string;
}

/** Finds an application of any tenant. Runs as weft_auth. */
export async function findActiveManifests(
  auth: Database,
  { applicationId, environment }: ApplicationPlace,
): Promise<ActiveManifests | null> {
  const [row] = await alone(auth).execute<{ tenant_id: string; is_shared: boolean; manifest_ids: string[] }>(
    named(
      "findActiveManifests",
      sql`select a.tenant_id, t.kind = 'PLATFORM' as is_shared, coalesce(m.ids, '{}') as manifest_ids
        from identity.applications a
        join identity.tenants t on t.tenant_id = a.tenant_id
        cross join lateral (
          select array_agg(m.id order by m.id) as ids from identity.operation_manifests m
          where m.tenant_id = a.tenant_id and m.application_id = a.id and m.environment = ${environment} and m.retired_at is null) m
        where a.id = ${applicationId}::uuid`,
    ),
  );
  return row ? { tenantId: row.tenant_id, isShared: row.is_shared, manifestIds: row.manifest_ids } : null;
}

/** Returns the documents of manifests of a tenant. Runs as weft_auth. */
export async function findTexts(auth: Database, tenantId: string, manifestIds: readonly string[]): Promise<ManifestText[]> {
  const rows = await alone(auth).execute<{ manifest_id: string; document_id: string; body: string }>(
    named(
      "findManifestTexts",
      sql`select d.manifest_id, d.document_id, d.body from identity.stored_documents d
        where d.tenant_id = ${tenantId}::uuid
          and d.manifest_id in (select id::uuid from jsonb_array_elements_text(${JSON.stringify(manifestIds)}::text::jsonb) as ids(id))`,
    ),
  );
  return rows.map((row) => ({ manifestId: row.manifest_id, documentId: row.document_id, text: row.body }));
}
