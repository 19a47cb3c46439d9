import { BadUserInput, Conflict, type Problem } from "@weft/shared/errors";
import { writeAudit } from "@weft/platform/audit";
import { type ConfigurationDocument, differences, documentProblems, normalDocument } from "@weft/platform/configuration";
import type { Tx } from "@weft/platform/db";
import { appendEvents, type WriteMeta } from "@weft/platform/events";
import { recordCalendarChange } from "./calendar-change.js";
import { findPresent, insertVersion, lockPlace } from "./configuration.store.js";
import type { Place, VersionRow } from "./configuration.store.js";

export interface NewVersion {
  readonly place: Place;
  readonly action: "configuration.update" | "configuration.rollback";
  /** Returns the new document based on the current one. Runs under the lock. */
  readonly documentOf: (present: VersionRow | null) => Promise<ConfigurationDocument> | ConfigurationDocument;
  readonly message: string;
  readonly expectedVersion: number | null | undefined;
  /** Path of the document in the arguments. */
  readonly root: string;
  /** Asserts that the change is allowed. Runs under the lock, before the change is written. */
  readonly assertAllowed: (tx: Tx, change: Change) => Promise<void>;
}

/** A change of a document that is valid in itself. */
export interface Change {
  /** Paths of the settings that differ. */
  readonly changed: readonly string[];
  /** The new document. */
  readonly document: ConfigurationDocument;
  /** Path of the document in the arguments. */
  readonly root: string;
}

export interface WrittenVersion {
  /** Current version. Null if nothing was ever set. */
  readonly row: VersionRow | null;
  /** Previous version. */
  readonly before: VersionRow | null;
  readonly isNew: boolean;
}

/** A version as shown in the audit log. */
export const imageOf = ({ level, subject, version, document }: VersionRow): Readonly<Record<string, unknown>> => ({
  level,
  subject,
  configurationVersion: version,
  document,
});

/**
 * Writes the next version of a configuration with its audit entry and event, in the caller's transaction. A document equal to the current one is not
 * written. The caller announces the change after the commit.
 * @throws Conflict (version), BadUserInput with every problem of the document, what `assertAllowed` throws
 */
export async function writeVersion(
  tx: Tx,
  meta: WriteMeta,
  { place, action, documentOf, message, expectedVersion, root, assertAllowed }: NewVersion,
): Promise<WrittenVersion> {
  await lockPlace(tx, place);
  const before = await findPresent(tx, place);
  const current = before?.version ?? 0;
  if (typeof expectedVersion === "number" && expectedVersion !== current)
    throw new Conflict(`The configuration has version ${current}, not ${expectedVersion}.`, { currentVersion: current });
  const given = await documentOf(before);
  const problems: Problem[] = await documentProblems(given, place.level, root);
  if (problems.length > 0) throw new BadUserInput(problems);
  const document = normalDocument(given);
  const changed = differences(before?.document ?? {}, document).map(({ path }) => path);
  if (changed.length === 0) return { row: before, before, isNew: false };
  await assertAllowed(tx, { changed, document, root });
  const version = current + 1;
  const row = await insertVersion(tx, meta.tenantId, { ...place, version, document, authorId: meta.actorId, message: message.trim() });
  const isOfTeam = place.level === "TEAM";
  const entityId = isOfTeam ? place.subject : meta.tenantId;
  await writeAudit(tx, meta, [
    { action, entityType: isOfTeam ? "team" : "tenant", entityId, before: before && imageOf(before), after: imageOf(row) },
  ]);
  await appendEvents(tx, meta, [
    {
      type: "configuration.changed",
      subjectId: meta.tenantId,
      subjectVersion: version,
      related: isOfTeam ? { team: place.subject } : {},
      payload: { level: place.level, version, changed },
    },
  ]);
  await recordCalendarChange(tx, meta, { place, changed, message: row.message });
  return { row, before, isNew: true };
}
