import { actorOf, findPublishedMachine, startInstance } from "@weft/engine";
import { BadUserInput, quote } from "@weft/shared/errors";
import { encodeId } from "@weft/shared/ids";
import type { Viewer } from "@weft/shared/viewer";
import type { Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import type { ComplianceReportRow } from "../report.type.js";

/** Key of the definition of sign-offs. A sign-off uses the version that is the newest published one when it starts. */
const definitionKey = "compliance-review";

/** Returns the definition of sign-offs. @throws BadUserInput if it is not published */
export async function getSignOffMachine(tx: Tx, tenantId: string): Promise<NonNullable<Awaited<ReturnType<typeof findPublishedMachine>>>> {
  const machine = await findPublishedMachine(tx, tenantId, definitionKey);
  if (machine !== null) return machine;
  const message = `Sign-offs need the definition ${quote(definitionKey)}, which is not published. Publish it first, for example from the template of that name.`;
  throw new BadUserInput([{ path: "input.requiresSignOff", message }]);
}

/** A completed report. */
interface SignedOff {
  readonly row: ComplianceReportRow;
  readonly title: string;
  readonly rowCount: number;
  /** SHA-256 of the JSON file. */
  readonly sha256: string;
}

/**
 * Starts the workflow in which another user signs a report off. Its owner is the report's creator. Those properties are passed that the definition has.
 * @returns the ID of the instance
 * @throws BadUserInput if the definition is no longer published, or requires other data
 */
export async function startSignOff(
  tx: Tx,
  { viewer, meta }: { readonly viewer: Viewer; readonly meta: WriteMeta },
  { row, title, rowCount, sha256 }: SignedOff,
): Promise<string> {
  const machine = await getSignOffMachine(tx, row.tenantId);
  const known = {
    title,
    report: encodeId("complianceReport", row.id),
    kind: row.kind,
    periodFrom: new Date(row.periodFrom).toISOString(),
    periodTo: new Date(row.periodTo).toISOString(),
    rowCount,
    sha256,
  };
  const data = Object.fromEntries(Object.entries(known).filter(([property]) => machine.data.root.properties.has(property)));
  const { id } = await startInstance(tx, meta, { definitionKey, data, ownerId: viewer.userId, actor: actorOf(viewer) });
  return id;
}
