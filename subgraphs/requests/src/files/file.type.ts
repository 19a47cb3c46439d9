import { encodeId } from "@weft/shared/ids";
import type { FileRow, StoredPreview } from "@weft/platform/files";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns } from "@weft/api/columns";
import { Allow, authenticated, inherit } from "@weft/api/rules";
import { Directive, ObjectType, registerEnumType } from "type-graphql";
import { User } from "../references.js";

export const FileStatus = { PENDING: "PENDING", SCANNING: "SCANNING", STORED: "STORED", REJECTED: "REJECTED" } as const;
export type FileStatus = keyof typeof FileStatus;

registerEnumType(FileStatus, {
  name: "FileStatus",
  description: "Status of a file.",
  valuesConfig: {
    PENDING: { description: "Its bytes have not been received yet." },
    SCANNING: { description: "Received. It can be attached, but not downloaded until it has been scanned for malware." },
    STORED: { description: "Available." },
    REJECTED: { description: "Its content was not accepted. The bytes were deleted." },
  },
});

const inherited = { decorators: [Allow(inherit)] } as const;

const fileColumns = columns({
  ...standardColumns.nodeKey,
  ...column.shownOnly({ id: column.id("ID (`fil_…`).", inherited) }),
  name: column.text("Name, with its extension.", {
    ...inherited,
    created: "Name of the file, with its extension and without a folder (1 to 255 bytes).",
  }),
  size: column.int("Size in bytes.", { ...inherited, created: "Size in bytes. Exactly as many must be sent." }),
  type: column.text("Media type, determined by the content. Null until the bytes are received.", {
    ...inherited,
    created: "Media type, for example `image/jpeg`. The content must match it. If omitted, the content determines the type.",
    nullable: true,
  }),
  sha256: column.text("SHA-256 of the content, in hexadecimal. Null until the bytes are received.", {
    ...inherited,
    created: "SHA-256 of the content, in hexadecimal. The content must match it.",
    nullable: true,
  }),
  ...column.shownOnly({
    status: column.of(() => FileStatus, "Status.", inherited),
    reason: column.text("Why the file was rejected. Null if it was not.", { ...inherited, nullable: true }),
    createdBy: column.of(() => User, "Uploader. Null if you cannot see the user.", { ...inherited, shownNullable: true }),
    createdAt: column.time("Creation time.", inherited),
  }),
  ...standardColumns.idempotencyKey,
});

@ShowColumns(fileColumns)
@ObjectType({
  description: "An uploaded file. You can see your own files until they are attached, and files of attachments that you can see.",
})
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@Allow(authenticated)
export class File extends shapeOf(fileColumns) {
  /** UUID, for links. */
  uuid!: string;

  /** Those in the storage, for `preview`. */
  previews!: readonly StoredPreview[] | null;
}

export const CreateUploadInput = createInputOf("CreateUploadInput", fileColumns);
export type CreateUploadInput = InstanceType<typeof CreateUploadInput>;

/** Converts a row to its API type. */
export const toFile = (row: FileRow): File =>
  Object.assign(new File(), {
    ...fileColumns.shown(row),
    id: encodeId("file", row.id),
    nodeKey: encodeId("file", row.id),
    createdBy: User.of(row.createdBy),
    uuid: row.id,
    previews: row.previews,
  });
