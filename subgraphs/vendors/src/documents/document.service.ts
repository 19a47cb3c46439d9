import { vendorDocuments as tables } from "@weft/drizzle";
import { BadUserInput, NotFound, type Problem, quote } from "@weft/shared/errors";
import { decodeId, encodeId, newId } from "@weft/shared/ids";
import type { Permission } from "@weft/shared/viewer";
import { changedMeanwhile, countRows, type Tx } from "@weft/platform/db";
import { recordChange } from "@weft/platform/events";
import { attachFiles } from "@weft/platform/files";
import { createOnce } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import { isDay, type VersionedIdInput } from "@weft/api/inputs";
import { type ConnectionArgs, keysetPage, nestedRows, type Order, type Page } from "@weft/api/pages";
import { and, sql } from "drizzle-orm";
import { findVendorsFor } from "../vendors/vendor.service.js";
import { VendorDocumentFilter, VendorDocumentOrder } from "./document.filter.js";
import type { VendorDocumentsArgs } from "./document.input.js";
import {
  type DocumentRow,
  findDocuments,
  insertDocument,
  listDocuments,
  listedDocuments,
  lockDocument,
  lockVendorOfDocument,
  ofVendor,
  selectDocumentPage,
  type ShownDocument,
  updateDocumentRow,
} from "./document.store.js";
import {
  type AddVendorDocumentInput,
  documentColumns,
  toDocument,
  type UpdateVendorDocumentInput,
  type VendorDocument,
} from "./document.type.js";

const { documents } = tables;

const newestFirst: Order<ShownDocument> = {
  name: "CREATED_AT",
  direction: "DESC",
  column: documents.createdAt,
  valueOf: (row) => row.createdAt,
};

/** Returns a page of the documents of all vendors that the viewer can see. @throws BadUserInput if the filter, the page size or a cursor is not valid */
export function listAllDocuments(ctx: Context, { filter, orderBy, ...args }: VendorDocumentsArgs): Promise<Page<VendorDocument>> {
  const where = and(listedDocuments(ctx.viewer), VendorDocumentFilter.toSql(filter, "filter", ctx.viewer));
  return keysetPage<ShownDocument, VendorDocument>(ctx, {
    args,
    list: "vendorDocuments",
    orderBy: VendorDocumentOrder.resolve(orderBy, ["CREATED_AT", "DESC"]),
    id: { column: documents.id, valueOf: (row) => row.id },
    fetch: (slice) => ctx.read((tx) => selectDocumentPage(tx, where, slice)),
    count: () => ctx.read((tx) => countRows(tx, { name: "countAllVendorDocuments", table: documents, where })),
    toNode: toDocument,
  });
}

/** Returns a page of the documents of a vendor that the viewer can see, newest first. */
export function documentsOf(ctx: Context, vendorId: string, args: ConnectionArgs): Promise<Page<VendorDocument>> {
  return keysetPage<ShownDocument, VendorDocument>(ctx, {
    args,
    list: `vendor.documents ${vendorId}`,
    orderBy: newestFirst,
    id: { column: documents.id, valueOf: (row) => row.id },
    fetch: (slice) =>
      nestedRows(ctx, {
        name: "vendor.documents",
        args,
        parentId: vendorId,
        slice,
        select: (tx, ids) => listDocuments(tx, ctx.viewer, ids, slice),
        parentOf: (row) => row.vendorId,
      }),
    count: () => ctx.read((tx) => countRows(tx, { name: "countVendorDocuments", table: documents, where: ofVendor(ctx.viewer, vendorId) })),
    toNode: toDocument,
  });
}

/**
 * Adds a document with its file. It waits for its review.
 * @throws NotFound (vendor), BadUserInput, LimitExceeded, Conflict (idempotency key)
 */
export async function addDocument(ctx: Context, input: AddVendorDocumentInput): Promise<ShownDocument> {
  const vendorId = decodeId("vendor", input.vendorId, "input.vendorId");
  const fileId = decodeId("file", input.fileId, "input.fileId");
  const { kind, title, number = null, issuedOn = null, validUntil = null } = input;
  assertFields({ kind, title, number, issuedOn, validUntil });
  return ctx.inTenant(async (tx) => {
    const id = await createOnce(tx, ctx.meta, { mutation: "addVendorDocument", input }, async () => {
      const vendor = (await findVendorsFor(tx, ctx, [vendorId], "vendorDocument.create")).get(vendorId);
      if (!vendor) throw new NotFound("Vendor", input.vendorId);
      const { tenantId, userId: createdBy } = ctx.viewer;
      const row = await insertDocument(tx, { ...documentColumns.plain(input), tenantId, id: newId(), vendorId, createdBy });
      await recordChange(tx, ctx.meta, {
        event: { type: "vendorDocument.created", related: { vendor: vendorId }, payload: {} },
        before: null,
        after: row,
      });
      // After the document: only then do users of the vendor see what the file is attached to.
      await attachFiles(tx, ctx, {
        objectType: "vendorDocument",
        objectId: row.id,
        visibility: "SHARED",
        commentId: null,
        vendorId,
        files: [{ id: fileId, given: input.fileId, path: "input.fileId" }],
        path: "input.fileId",
      });
      return row;
    });
    return getDocument(ctx, tx, id);
  });
}

/**
 * Changes a document. A reviewed one waits for a review again, unless only its title changes.
 * @throws NotFound, BadUserInput, Conflict (another version)
 */
export async function updateDocument(ctx: Context, input: UpdateVendorDocumentInput): Promise<ShownDocument> {
  const changes = documentColumns.changes(input);
  return ctx.inTenant(async (tx) => {
    const before = await openDocument(ctx, tx, input, "vendorDocument.update");
    assertFields({ ...before, ...changes });
    const changed = Object.keys(changes);
    const isOnlyTitle = changed.every((field) => field === "title");
    const unreviewed = { status: "SUBMITTED", reason: null, reviewNote: null, reviewedBy: null, reviewedAt: null, dueAt: null };
    const after = await updateDocumentRow(tx, before.id, { ...changes, ...(!isOnlyTitle && unreviewed) });
    await recordChange(tx, ctx.meta, {
      event: { type: "vendorDocument.updated", related: { vendor: before.vendorId }, payload: { changed } },
      before,
      after,
    });
    return getDocument(ctx, tx, before.id);
  });
}

/** Removes a document. Its file stays for the record. @throws NotFound, Conflict (another version) */
export async function removeDocument(ctx: Context, input: VersionedIdInput): Promise<void> {
  await ctx.inTenant(async (tx) => {
    const before = await openDocument(ctx, tx, input, "vendorDocument.update");
    await updateDocumentRow(tx, before.id, { deletedAt: sql`app.weft_now()`, deletedBy: ctx.meta.actorId, dueAt: null });
    await recordChange(tx, ctx.meta, {
      event: { type: "vendorDocument.deleted", related: { vendor: before.vendorId }, payload: {} },
      before,
      after: null,
    });
  });
}

/**
 * Locks and returns the document to change, and its vendor.
 * @throws NotFound if the permission does not cover it for the viewer; Conflict if its version is not the expected one
 */
export async function openDocument(
  ctx: Context,
  tx: Tx,
  { id, expectedVersion }: { readonly id: string; readonly expectedVersion?: number | null },
  permission: Permission,
): Promise<DocumentRow> {
  const uuid = decodeId("vendorDocument", id, "input.id");
  await lockVendorOfDocument(tx, uuid);
  const row = await lockDocument(tx, ctx.viewer, uuid, permission);
  if (!row) throw new NotFound("VendorDocument", id);
  if (typeof expectedVersion === "number" && expectedVersion !== row.version) throw changedMeanwhile("vendorDocument", row.version);
  return row;
}

/** Returns the document for a payload, with the viewer's current rights. @throws NotFound */
export async function getDocument(ctx: Context, tx: Tx, id: string): Promise<ShownDocument> {
  const [row] = await findDocuments(tx, ctx.viewer, [id]);
  if (!row) throw new NotFound("VendorDocument", encodeId("vendorDocument", id));
  return row;
}

export { findMissingDocuments } from "./missing-documents.store.js";

/** Returns what is wrong with the name of a kind. */
export const kindProblems = (path: string, kind: string): Problem[] =>
  /^[A-Z][A-Z0-9_]{0,39}$/.test(kind)
    ? []
    : [
        {
          path,
          message: `${quote(kind)} is not a valid kind. Use 1 to 40 uppercase letters, digits, and underscores, for example INSURANCE.`,
        },
      ];

/** A document that is valid on this day ends in a year with five digits, which is no valid ISO 8601 time. */
const lastDay = "9999-12-31";

type Fields = Pick<DocumentRow, "kind" | "title" | "number" | "issuedOn" | "validUntil">;

/** @throws BadUserInput with every problem */
function assertFields({ kind, title, number, issuedOn, validUntil }: Fields): void {
  const problems: Problem[] = [
    ...kindProblems("input.kind", kind),
    ...documentColumns.textProblems({ title, number }),
    ...dayProblems("input.issuedOn", issuedOn),
    ...dayProblems("input.validUntil", validUntil),
  ];
  if (validUntil === lastDay)
    problems.push({ path: "input.validUntil", message: `${lastDay} is too late. Use an earlier day, or null if the document has no end.` });
  if (issuedOn !== null && validUntil !== null && validUntil < issuedOn)
    problems.push({ path: "input.validUntil", message: `The last day ${validUntil} is before the day of issue ${issuedOn}.` });
  if (problems.length > 0) throw new BadUserInput(problems);
}

const dayProblems = (path: string, day: string | null): Problem[] =>
  day === null || isDay(day) ? [] : [{ path, message: `${quote(day)} is not a valid date. Use YYYY-MM-DD.` }];
