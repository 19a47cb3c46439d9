/** Names of the filters in the address. Links to objects, sessions and keys use them, too. */
export const auditFilterKeys = ["actor", "action", "type", "object", "key", "at"] as const;

export type AuditFilterKey = (typeof auditFilterKeys)[number];

/** What the audit trail shows, as in the address. */
export type AuditSearch = {
  readonly [name in AuditFilterKey]?: string;
} & {
  /** ID of the entry that is open. */
  readonly entry?: string;
};

export function validateAuditSearch(search: Record<string, unknown>): AuditSearch {
  const kept = [...auditFilterKeys, "entry"].map((key) => [key, search[key]] as const);
  return Object.fromEntries(kept.filter(([, value]) => typeof value === "string" && value !== "")) as AuditSearch;
}
