import type { Checkpoint } from "../audit/checkpoint.js";
import { actionName } from "../audit/action-name.js";
import { chainHash, entryOfHashedText, genesisHash, hashOfText, type StoredEntry } from "../audit/entry-hash.js";
import { encodeId, encodeIdOrNull, isIdType } from "@weft/shared/ids";
import type { ExportProblem, ExportProblemKind } from "./export-problem.js";
import { entityTypeName } from "./exported-row.js";
import type { KeptHeads } from "./kept-heads.js";
import type { ExportProof } from "./proof.js";
import type { AuditDetails } from "../audit/entry.js";
import type { CheckedRow } from "./read-rows.js";

interface Checked {
  readonly proof: ExportProof;
  readonly kept: KeptHeads;
  readonly readCheckpoint: (jws: string) => Promise<Checkpoint | null>;
}

/** Checks the entries of an export, in the order of the file. */
export class RowChecker {
  readonly #checked: Checked;
  /** The place in the chain that was reached. */
  #sequence: number;
  #hash: string;
  /** Whether the chain is signed at the place that was reached. */
  #isSigned = false;

  constructor(checked: Checked) {
    this.#checked = checked;
    const { sequence, hash } = checked.proof.after;
    this.#sequence = sequence;
    this.#hash = hash;
  }

  /** Checks the next entry. Null: it is good. */
  async check(row: CheckedRow | null, number: number): Promise<ExportProblem | null> {
    const next = this.#sequence + 1;
    const found = (kind: ExportProblemKind, sequence: number, message: string): ExportProblem => ({ kind, sequence, row: number, message });
    if (row === null)
      return { kind: "ROW_UNREADABLE", sequence: null, row: number, message: `Entry ${number} of the file cannot be read.` };
    const { sequence } = row;
    if (number === 1) {
      const problem = this.#checkStart();
      if (problem) return found("SEAL_CHANGED", this.#sequence, problem);
    }
    if (sequence < next || sequence > this.#checked.proof.upTo.sequence || (this.#checked.proof.isWhole && sequence !== next))
      return found(
        "SEAL_MISSING",
        next,
        `After ${this.#sequence} in the chain, the file has ${sequence}: entries are missing, or in another order.`,
      );
    const problem = this.#checkEntry(row) ?? (await this.#checkPlace(row));
    if (problem) return found(...problem);
    this.#sequence = sequence;
    this.#hash = row.hash;
    this.#isSigned = row.checkpoint !== null;
    return null;
  }

  /** Checks what follows the last entry. @param count entries of the file */
  end(count: number): ExportProblem | null {
    const { upTo, entries, isWhole } = this.#checked.proof;
    const { newest } = this.#checked.kept;
    const found = (kind: ExportProblemKind, sequence: number, message: string): ExportProblem => ({ kind, sequence, row: null, message });
    if (count === 0) {
      const problem = this.#checkStart();
      if (problem) return found("SEAL_CHANGED", this.#sequence, problem);
    }
    if (isWhole && this.#sequence < upTo.sequence)
      return found(
        "SEAL_MISSING",
        this.#sequence + 1,
        `The file ends at ${this.#sequence}, but the export was signed up to ${upTo.sequence}.`,
      );
    if (count !== entries)
      return found("SEAL_MISSING", this.#sequence, `The file has ${count} entries, but the export was signed with ${entries}.`);
    if (this.#sequence === upTo.sequence && this.#hash !== upTo.hash)
      return found("SEAL_CHANGED", upTo.sequence, `The chain up to ${upTo.sequence} differs from the one that was signed with the export.`);
    if (isWhole && count > 0 && !this.#isSigned)
      return found("CHECKPOINT_MISSING", upTo.sequence, `The head of the chain, at ${upTo.sequence}, was not signed when it was exported.`);
    if (newest > upTo.sequence)
      return found(
        "SEAL_MISSING",
        upTo.sequence + 1,
        `The chain was exported up to ${upTo.sequence}, but a checkpoint that was kept signs it up to ${newest}: the export is older than the checkpoint, or the newest entries were deleted before it.`,
      );
    const problem = this.#compare(upTo.sequence, upTo.hash);
    return problem === null ? null : found("SEAL_CHANGED", upTo.sequence, problem);
  }

  /** Where the export begins: at the beginning of the chain, whose hash is known, or at a place that the kept head can be of. */
  #checkStart(): string | null {
    const { tenant, after } = this.#checked.proof;
    if (after.sequence === 0 && after.hash !== genesisHash(tenant)) return "The export does not begin with the first entry of the chain.";
    return this.#compare(after.sequence, after.hash);
  }

  #compare(sequence: number, hash: string): string | null {
    return this.#checked.kept.compare(sequence, hash);
  }

  #checkEntry(row: CheckedRow): Problem | null {
    const { sequence, hashedText, entryHash } = row;
    if (hashedText === null) return ["ENTRY_MISSING", sequence, `The entry at ${sequence} was gone when it was exported.`];
    if (hashOfText(hashedText) !== entryHash) return ["ENTRY_CHANGED", sequence, `The entry at ${sequence} differs from what was sealed.`];
    const entry = entryOfHashedText(this.#checked.proof.tenant, hashedText);
    if (entry === null) return ["ENTRY_CHANGED", sequence, `The entry at ${sequence} is not one of the organization that was exported.`];
    const changed = readableDifference(row, entry);
    return changed === null
      ? null
      : ["ROW_CHANGED", sequence, `The value of ${changed} of the entry at ${sequence} differs from what was sealed.`];
  }

  async #checkPlace({ sequence, previousHash, entryHash, hash, checkpoint }: CheckedRow): Promise<Problem | null> {
    if (sequence === this.#sequence + 1 && previousHash !== this.#hash)
      return ["SEAL_CHANGED", sequence, `The entry at ${sequence} does not follow from the one before it.`];
    if (chainHash(previousHash, entryHash, sequence) !== hash)
      return ["SEAL_CHANGED", sequence, `The hash of the chain at ${sequence} does not follow from the entry.`];
    const compared = this.#compare(sequence - 1, previousHash) ?? this.#compare(sequence, hash);
    if (compared) return ["SEAL_CHANGED", sequence, compared];
    if (checkpoint === null) return null;
    const signed = await this.#checked.readCheckpoint(checkpoint);
    if (signed?.tenant !== this.#checked.proof.tenant || signed.sequence !== sequence)
      return ["CHECKPOINT_INVALID", sequence, `The signature of the checkpoint at ${sequence} is invalid.`];
    return signed.hash === hash
      ? null
      : ["SEAL_CHANGED", sequence, `The chain up to ${sequence} differs from the one that its checkpoint signed.`];
  }
}

type Problem = readonly [kind: ExportProblemKind, sequence: number, message: string];

/** Returns the name of the first value that people read and that is not the one that was sealed. */
function readableDifference(row: CheckedRow, entry: StoredEntry): string | null {
  const { entity_type: type } = entry;
  const details = JSON.parse(entry.details ?? "{}") as Partial<AuditDetails>;
  const expected = {
    id: encodeId("auditEntry", entry.id),
    at: entry.at,
    action: actionName(entry.action),
    entityType: entityTypeName(type),
    // Of a type that this version does not know, the ID cannot be told.
    entityId: isIdType(type) ? encodeId(type, entry.entity_id) : row.entityId,
    actorId: encodeId("user", entry.actor_id),
    onBehalfOfId: encodeIdOrNull("user", entry.on_behalf_of),
    requestId: entry.request_id,
    class: entry.class,
    outcome: entry.outcome,
    code: details.code ?? null,
    operation: details.operation ?? null,
    count: String(details.count ?? 1),
    firstAt: details.firstAt ?? null,
    lastAt: details.lastAt ?? null,
    clientName: entry.client_name,
    clientVersion: entry.client_version,
  } satisfies Partial<CheckedRow>;
  const names = Object.keys(expected) as (keyof typeof expected)[];
  // Neither format has to tell an empty text from none.
  return names.find((name) => (row[name] ?? "") !== (expected[name] ?? "")) ?? null;
}
