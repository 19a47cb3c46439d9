import { encodeId } from "@weft/shared/ids";

/** A signed head of a chain as it is kept outside Weft. */
export interface KeptCheckpoint {
  /** ID of the organization (`ten_…`). */
  readonly organization: string;
  /** Place in the chain. */
  readonly sequence: number;
  /** When it was signed, in ISO 8601. */
  readonly at: string;
  /** What was signed, a compact JWS. The other members only tell people what it is about. */
  readonly checkpoint: string;
}

interface SignedHead {
  readonly tenantId: string;
  readonly sequence: number;
  readonly signature: string;
}

export const keptCheckpoint = ({ tenantId, sequence, signature }: SignedHead, now: Date): KeptCheckpoint => ({
  organization: encodeId("tenant", tenantId),
  sequence,
  at: now.toISOString(),
  checkpoint: signature,
});

/** Returns a checkpoint as a line of JSON, which `weft audit verify --checkpoints` reads. */
export const lineOf = (checkpoint: KeptCheckpoint): string => `${JSON.stringify(checkpoint)}\n`;
