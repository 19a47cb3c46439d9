/** A column whose values `TenantSecrets` encrypts. */
export interface SealedColumn {
  /** `schema.table`. Its primary key is the tenant and `id`. */
  readonly table: string;
  readonly column: string;
  /** SQL expression for the row's part of the position that the ciphertext is bound to. The other parts are the table and the column. */
  readonly row: string;
}

const ofRow = (table: string, ...columns: readonly string[]): SealedColumn[] =>
  columns.map((column) => ({ table, column, row: "id::text" }));

/**
 * All columns whose values `TenantSecrets` encrypts. Re-encryption visits these, so a missing one would keep an old key in use. A test compares the list
 * with the registry of personal data.
 */
export const sealedColumns: readonly SealedColumn[] = [
  ...ofRow("identity.second_factors", "secret"),
  ...ofRow("identity.identity_providers", "secret"),
  ...ofRow("identity.provider_logins", "account"),
  ...ofRow("workflows.secrets", "value"),
  ...ofRow("workflows.runs", "secret_inputs"),
  ...ofRow("events.webhooks", "secret", "previous_secret", "headers"),
  // Repetitions of a delivery share the body.
  { table: "events.webhook_deliveries", column: "body", row: "webhook_id || '/' || event_id" },
  ...ofRow("events.inbound_webhooks", "secret", "previous_secret"),
  ...ofRow("events.inbound_messages", "content", "error"),
  ...ofRow("events.integrations", "credentials"),
  ...ofRow("audit.streams", "access"),
  ...ofRow("events.integration_calls", "input", "result"),
  ...ofRow("events.integration_triggers", "cursor", "last_error"),
  {
    table: "audit.notification_destinations",
    column: "address",
    row: "coalesce(user_id::text, 'team:' || team_id) || '/' || channel || '/' || address_hash",
  },
];
