import { decodeId, encodeId, newId } from "@weft/shared/ids";
import type { Sql } from "@weft/pg-driver";
import type { TestUser } from "../test-user.js";
import { restingDefinition } from "./runs-definition.js";

const document = {
  weft: 1,
  kind: "automation",
  key: "resting",
  name: "Resting",
  steps: [{ id: "rest", type: "wait", with: { for: "1h" } }],
};

/** Offers a definition to a tenant that does not exist. */
export const shareInput = (definitionKey: string, recipient: string, mode: "COPY" | "START" = "COPY") => ({
  definitionKey,
  recipient,
  mode,
});

/** Offers a definition to a tenant that does not exist. Returns the ID of the share. */
export async function newShare(
  who: Pick<TestUser, "run">,
  definitionKey: string,
  recipient: string,
  mode?: "COPY" | "START",
): Promise<string> {
  const { offerDefinitionShare } = await who.run<{ offerDefinitionShare: { share: { id: string } } }>(
    "mutation ($input: OfferDefinitionShareInput!) { offerDefinitionShare(input: $input) { share { id } } }",
    { input: shareInput(definitionKey, recipient, mode) },
  );
  return offerDefinitionShare.share.id;
}

/** Shares an automation with a tenant that does not exist, as if it had accepted. Returns the ID of the share. */
export async function newGivenShare(owner: Sql, who: Pick<TestUser, "run">, definitionKey: string, recipient: string): Promise<string> {
  const id = await newShare(who, definitionKey, recipient, "START");
  await owner`update workflows.definition_shares set status = 'ACCEPTED', answered_at = clock_timestamp() where id = ${decodeId("definitionShare", id)}`;
  return id;
}

/**
 * Lets another tenant, which is created for this, share `restingDefinition` with a tenant. Its user can read definitions and start workflows.
 * @returns the ID of the share
 */
export async function newReceivedShare(
  owner: Sql,
  { id: recipientId }: { readonly id: string },
  { mode, status }: { readonly mode: "COPY" | "START"; readonly status: "OFFERED" | "ACCEPTED" },
): Promise<string> {
  const [tenantId, userId, shareId] = [newId(), newId(), newId()];
  const slug = `sharing-${tenantId}`;
  await owner.begin(async (sql) => {
    await sql`insert into identity.tenants (tenant_id, slug, name) values (${tenantId}, ${slug}, 'Sharing')`;
    await sql`insert into identity.users (tenant_id, id, email, username, name, type)
      values (${tenantId}, ${userId}, ${`u@${slug}.example`}, 'u', 'U', 'EMPLOYEE')`;
    await sql`insert into identity.user_permissions (tenant_id, user_id, permission, scope, effect)
      values (${tenantId}, ${userId}, 'workflow.start', 'TENANT', 'GRANT'), (${tenantId}, ${userId}, 'definition.read', 'TENANT', 'GRANT')`;
    await sql`insert into workflows.definitions (tenant_id, id, key, number, name, status, source, format, document, created_by, environments)
      values (${tenantId}, ${newId()}, 'resting', 1, 'Resting', 'PUBLISHED', ${restingDefinition}, 'YAML', ${sql.json(document)}, ${userId}, '{DEV,STAGING,PROD}')`;
    for (const [own, side, partner] of [
      [tenantId, "OWNER", recipientId],
      [recipientId, "RECIPIENT", tenantId],
    ] as const)
      await sql`insert into workflows.definition_shares
        (tenant_id, id, side, partner_id, partner_slug, partner_name, definition_key, definition_name, mode, status, expires_at, sponsor_id)
        values (${own}, ${shareId}, ${side}, ${partner}, ${slug}, 'Sharing', 'resting', 'Resting', ${mode}, ${status}, now() + interval '1 day', ${userId})`;
    // Rows that are written directly are not counted.
    await sql`select set_config('app.tenant_id', ${tenantId}, true)`;
    await sql`select app.recount_usage()`;
  });
  return encodeId("definitionShare", shareId);
}

/** Starts a definition that another tenant shares. Returns the ID of the use. */
export async function newSharedStart(who: Pick<TestUser, "run">, shareId: string): Promise<string> {
  const { startSharedWorkflow } = await who.run<{ startSharedWorkflow: { start: { id: string } } }>(
    "mutation ($input: StartSharedWorkflowInput!) { startSharedWorkflow(input: $input) { start { id } } }",
    { input: { shareId } },
  );
  return startSharedWorkflow.start.id;
}
