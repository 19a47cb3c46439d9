import { createHash } from "node:crypto";
import { bytesToUuid } from "@weft/shared/ids";
import type { CallClient } from "@weft/shared/viewer";
import type { AuditClass, AuditOutcome } from "../entry.js";

/** Something that happened without a change, and who did it. IDs are UUIDs. */
export interface Occurrence {
  readonly class: AuditClass;
  readonly outcome: AuditOutcome;
  /** Code of the error. Null if nothing was refused. */
  readonly code: string | null;
  /** Field of the API, for example `Mutation.createBuilding`. */
  readonly operation: string;
  readonly actorId: string;
  readonly onBehalfOf: string | null;
  readonly sessionId: string | null;
  readonly requestId: string;
  readonly address: string | null;
  readonly client: CallClient | undefined;
  readonly userAgent: string | null;
}

/** Occurrences of the same kind by the same person: the last one, their number, and their times in milliseconds. */
export interface CountedOccurrence {
  readonly last: Occurrence;
  readonly count: number;
  readonly firstAt: number;
  readonly lastAt: number;
}

/** Returns what occurrences that are counted together have in common. */
export const keyOf = ({ class: kind, code, operation, actorId }: Occurrence): string => [kind, code, operation, actorId].join(" ");

/** Returns the ID of the row that counts an occurrence (a UUID, version 8). It is the same in all processes. */
export function rowIdOf(tenantId: string, occurrence: Occurrence): string {
  const bytes = createHash("sha256")
    .update(`${tenantId} ${keyOf(occurrence)}`)
    .digest()
    .subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytesToUuid(bytes);
}
