export const auditExportFormats = ["CSV", "JSON_LINES"] as const;
export type AuditExportFormat = (typeof auditExportFormats)[number];

/** What proves an entry of a file: its place in the chain, with what was hashed for it. */
export interface EntryProof {
  readonly sequence: number;
  /** The text that was hashed, with personal values as ciphertext. Null if the entry was gone when it was exported. */
  readonly hashedText: string | null;
  /** SHA-256 of the text when the entry was sealed. */
  readonly entryHash: string;
  /** Hash of the chain before the entry, and up to it. */
  readonly previousHash: string;
  readonly hash: string;
  /** The signed head of the chain at the entry. Null if there is none. */
  readonly checkpoint: string | null;
}

/** What people read of an entry, as the API shows it. Of an entry that was gone, all values are null. */
export interface ReadableEntry {
  readonly id: string | null;
  /** To the microsecond, as it was hashed. */
  readonly at: string | null;
  readonly action: string | null;
  readonly summary: string | null;
  readonly entityType: string | null;
  readonly entityId: string | null;
  readonly actorId: string | null;
  readonly onBehalfOfId: string | null;
  readonly sessionId: string | null;
  readonly apiKeyId: string | null;
  readonly requestId: string | null;
  readonly class: string | null;
  readonly outcome: string | null;
  readonly code: string | null;
  readonly operation: string | null;
  readonly count: number | null;
  readonly firstAt: string | null;
  readonly lastAt: string | null;
  readonly address: string | null;
  readonly clientName: string | null;
  readonly clientVersion: string | null;
  readonly userAgent: string | null;
  readonly before: unknown;
  readonly after: unknown;
}

/** An entry in a file. */
export type ExportedRow = EntryProof & ReadableEntry;

/** Names of the columns of a CSV file, and of the members of a line in JSON, in their order. */
export const exportedColumns = [
  "sequence",
  "id",
  "at",
  "action",
  "summary",
  "entityType",
  "entityId",
  "actorId",
  "onBehalfOfId",
  "sessionId",
  "apiKeyId",
  "requestId",
  "class",
  "outcome",
  "code",
  "operation",
  "count",
  "firstAt",
  "lastAt",
  "address",
  "clientName",
  "clientVersion",
  "userAgent",
  "before",
  "after",
  "hashedText",
  "entryHash",
  "previousHash",
  "hash",
  "checkpoint",
] as const satisfies readonly (keyof ExportedRow)[];

/** Returns the name of a stored type of objects, as in the API: `BUILDING`. */
export const entityTypeName = (stored: string): string => stored.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
