import { encodeId, type IdType } from "@weft/shared/ids";
import { column, columns, shapeOf, ShowColumns, standardColumns } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { Allow, canInTenant, inherit } from "@weft/api/rules";
import { ObjectType, registerEnumType } from "type-graphql";
import { LegalHold, shownDays } from "../holds/legal-hold.type.js";
import { PersonalDataRelation } from "../register/processing-record.type.js";
import type { PrivacyRequestRow } from "./privacy-request.store.js";

export const PrivacyRequestKind = { EXPORT: "EXPORT", ANONYMISE: "ANONYMISE", ERASE: "ERASE" } as const;
export type PrivacyRequestKind = keyof typeof PrivacyRequestKind;

registerEnumType(PrivacyRequestKind, {
  name: "PrivacyRequestKind",
  description: "What a privacy request does with the data of a person.",
  valuesConfig: {
    EXPORT: { description: "Writes it to a file." },
    ANONYMISE: { description: "Replaces what identifies the person, and keeps what the person has written." },
    ERASE: { description: "Also replaces what the person has written, and deletes the person's files." },
  },
});

export const PrivacyRequestStatus = {
  REQUESTED: "REQUESTED",
  APPROVED: "APPROVED",
  COMPLETED: "COMPLETED",
  DECLINED: "DECLINED",
  WITHDRAWN: "WITHDRAWN",
  FAILED: "FAILED",
} as const;
export type PrivacyRequestStatus = keyof typeof PrivacyRequestStatus;

registerEnumType(PrivacyRequestStatus, {
  name: "PrivacyRequestStatus",
  description: "Statuses of a privacy request.",
  valuesConfig: {
    REQUESTED: { description: "Waiting for the decision of a second person." },
    APPROVED: { description: "Waiting for a worker, or in progress. `message` says if something stops it, such as a legal hold." },
    COMPLETED: { description: "Done. See `receipt` or `file`." },
    DECLINED: { description: "Refused by a second person." },
    WITHDRAWN: { description: "Withdrawn by the user who requested it." },
    FAILED: { description: "Stopped for the reason in `message`. Only exports fail." },
  },
});

export const ErasureAction = { REPLACE: "REPLACE", DELETE: "DELETE", KEEP: "KEEP" } as const;

registerEnumType(ErasureAction, {
  name: "ErasureAction",
  description: "What an erasure does with rows.",
  valuesConfig: {
    REPLACE: { description: "Replaces the personal values. The rows stay." },
    DELETE: { description: "Deletes the rows, which would say nothing without the values." },
    KEEP: { description: "Nothing: an anonymization keeps what the person has written, because others need it." },
  },
});

const erasedTableColumns = columns({
  table: column.text("Table of the database, as `schema.table`."),
  columns: column.texts("Columns with personal data."),
  relation: column.of(() => PersonalDataRelation, "How the data is related to the person."),
  action: column.of(() => ErasureAction, "What happens to the rows."),
  rows: column.int("Number of rows."),
});

@ShowColumns(erasedTableColumns)
@ObjectType({ description: "What an erasure does with the rows of a table." })
@Allow(inherit)
export class ErasedTable extends shapeOf(erasedTableColumns) {}

const previewColumns = columns({
  isHeld: column.flag("Whether a legal hold covers the person. It stops the erasure until it is ended."),
  tables: column.of(() => [ErasedTable], "Tables with rows of the person."),
  fileCount: column.int(
    "Number of files that are deleted: exports that can contain the person's data, and, for an erasure, those that the person has uploaded.",
  ),
  endedHolds: column.of(
    () => [LegalHold],
    `Legal holds that covered the person and have ended within the last ${shownDays} days, newest first.`,
  ),
  kept: column.texts("What stays, and why."),
});

@ShowColumns(previewColumns)
@ObjectType({ description: "What anonymizing or erasing a person would do." })
@Allow(canInTenant("privacy.read"))
export class ErasurePreview extends shapeOf(previewColumns) {}

const countColumns = columns({
  table: column.text("Table of the database, as `schema.table`."),
  rows: column.int("Number of rows."),
});

@ShowColumns(countColumns)
@ObjectType({ description: "Number of changed rows of a table." })
@Allow(inherit)
export class ErasedRows extends shapeOf(countColumns) {}

const receiptColumns = columns({
  rows: column.of(() => [ErasedRows], "Rows whose values were replaced, or that were deleted."),
  copies: column.of(
    () => [ErasedRows],
    "Rows in which copies of the person's names and addresses were replaced, such as notifications to others.",
  ),
  fileCount: column.int("Number of deleted files."),
  sharedValueCount: column.int(
    "Number of the person's names and addresses that others in the organization have, too. Copies of them were not replaced, because they can be about the others.",
  ),
  signed: column.text("The receipt as a compact JWS, signed with the key of the audit checkpoints."),
});

@ShowColumns(receiptColumns)
@ObjectType({ description: "Receipt of an anonymization or erasure." })
@Allow(inherit)
export class PrivacyReceipt extends shapeOf(receiptColumns) {}

const privacyRequestColumns = columns({
  id: column.id("ID (`pvr_…`)."),
  kind: column.of(() => PrivacyRequestKind, "What it does."),
  personId: column.id("ID of the person: a user or a contact of a vendor."),
  status: column.of(() => PrivacyRequestStatus, "Status."),
  reason: column.text("Why it was requested."),
  decisionNote: column.text("Why it was declined.", { nullable: true }),
  decidedAt: column.time("Time of the decision.", { nullable: true }),
  hasBegun: column.flag(
    "Whether its data is being erased, or was. From then on, it can be neither withdrawn nor declined. Always false for exports.",
  ),
  message: column.text("What stops it at present, or why it failed.", { nullable: true }),
  receipt: column.of(() => PrivacyReceipt, "What was done. Null until it is completed, and for exports.", { nullable: true }),
  fileId: column.id("ID of the file of a completed export, for the user who requested it: see `file`. The file is deleted a day later.", {
    nullable: true,
  }),
  ...standardColumns.version("approvePrivacyRequest"),
  ...standardColumns.times,
  finishedAt: column.time("End time.", { nullable: true }),
});

@ShowColumns(privacyRequestColumns)
@ObjectType({ description: "A request to export, anonymize or erase the data of a person." })
@Allow(canInTenant("privacy.read"))
export class PrivacyRequest extends shapeOf(privacyRequestColumns) {
  readonly row!: PrivacyRequestRow;
}

export const PrivacyRequestPayload = payloadOf(PrivacyRequest, "privacyRequest");
export type PrivacyRequestPayload = InstanceType<typeof PrivacyRequestPayload>;

const rowsOf = (counts: Readonly<Record<string, number>>): ErasedRows[] =>
  Object.entries(counts).map(([table, rows]) => Object.assign(new ErasedRows(), { table, rows }));

const receiptOf = ({ receipt, signedReceipt }: PrivacyRequestRow): PrivacyReceipt | null =>
  receipt === null || signedReceipt === null
    ? null
    : Object.assign(new PrivacyReceipt(), {
        rows: rowsOf(receipt.rows),
        copies: rowsOf(receipt.copies),
        fileCount: receipt.files,
        sharedValueCount: receipt.sharedValues ?? 0,
        signed: signedReceipt,
      });

export const toPrivacyRequest = (row: PrivacyRequestRow): PrivacyRequest =>
  Object.assign(new PrivacyRequest(), {
    id: encodeId("privacyRequest", row.id),
    kind: row.kind,
    personId: encodeId(row.personType as IdType, row.personId),
    status: row.status,
    reason: row.reason,
    decisionNote: row.decisionNote,
    decidedAt: row.decidedAt,
    hasBegun: row.kind !== "EXPORT" && row.receipt !== null,
    message: row.message,
    receipt: receiptOf(row),
    fileId: row.status === "COMPLETED" && row.fileId !== null ? encodeId("file", row.fileId) : null,
    version: row.version,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    finishedAt: row.finishedAt,
    row,
  });
