import { requests as requestTables, vendors as vendorTables } from "@weft/drizzle";
import type { Permission, Viewer } from "@weft/shared/viewer";
import { objectAccessRules, type ObjectAccessRules } from "@weft/platform/access";
import { named, type Tx } from "@weft/platform/db";
import { type NamedWork, namesOfWork, subjectOfAncestors } from "@weft/platform/directory";
import { type SQL, sql } from "drizzle-orm";

const { assets, buildings, requests } = requestTables;
const { projects, vendors } = vendorTables;

interface SubjectText {
  readonly text: SQL;
  readonly permission: Permission;
}

/** What a person recognizes a business object by. */
const texts = {
  request: { text: sql`${requests.number}`, permission: "request.read" },
  asset: { text: sql`concat_ws(' ', ${assets.tag}, ${assets.name})`, permission: "asset.read" },
  building: { text: sql`concat_ws(' ', ${buildings.code}, ${buildings.name})`, permission: "building.read" },
  project: { text: sql`concat_ws(' ', ${projects.code}, ${projects.name})`, permission: "project.read" },
  vendor: { text: sql`${vendors.name}`, permission: "vendor.read" },
} as const satisfies Record<string, SubjectText>;

interface Subject {
  readonly subjectType: string | null;
  readonly subjectId: string | null;
}

/** Returns the business object that an instance works for: its own, or that of its nearest ancestor with one. */
export async function subjectOfWork(
  tx: Tx,
  { id, subjectType, subjectId, parentId }: Subject & { readonly id: string; readonly parentId: string | null },
): Promise<Subject> {
  if (subjectId !== null || parentId === null) return { subjectType, subjectId };
  const inherited = await subjectOfAncestors(tx, id);
  return { subjectType: inherited?.type ?? null, subjectId: inherited?.id ?? null };
}

/**
 * Returns what the viewer recognizes a workflow's business object by, as emails about it do: number and summary, or code and name. Null if there is none,
 * or the viewer cannot see it.
 */
export async function findShownWork(tx: Tx, viewer: Viewer, subject: Subject): Promise<NamedWork | null> {
  const { subjectType, subjectId } = subject;
  if (subjectId === null || subjectType === null || (await findSubjectText(tx, viewer, subject)) === null) return null;
  return namesOfWork(tx, { [subjectType]: subjectId });
}

const isKnown = (type: string): type is keyof typeof texts => Object.hasOwn(texts, type);

/** Returns the number, or code and name, of a workflow's business object. Null if there is none, or the viewer cannot see it. */
export async function findSubjectText(tx: Tx, viewer: Viewer, { subjectType, subjectId }: Subject): Promise<string | null> {
  if (subjectId === null || subjectType === null || !isKnown(subjectType)) return null;
  const { text, permission } = texts[subjectType];
  const { from, id, inScope }: ObjectAccessRules = objectAccessRules[subjectType];
  const [row] = await tx.execute<{ text: string }>(
    named("findSubjectText", sql`select ${text} as text from ${from} where ${id} = ${subjectId}::uuid and ${inScope(viewer, permission)}`),
  );
  return row?.text ?? null;
}
