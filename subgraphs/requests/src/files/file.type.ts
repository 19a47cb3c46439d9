import { Allow, authenticated, DateTimeScalar, encodeId, type FileRow, inherit, type StoredPreview } from "@weft/shared";
import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
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

@ObjectType({
  description: "An uploaded file. You can see your own files until they are attached, and files of attachments that you can see.",
})
@Allow(authenticated)
export class File {
  @Field(() => ID, { description: "ID (`fil_…`)." })
  @Allow(inherit)
  id!: string;

  @Field(() => String, { description: "Name, with its extension." })
  @Allow(inherit)
  name!: string;

  @Field(() => Int, { description: "Size in bytes." })
  @Allow(inherit)
  size!: number;

  @Field(() => String, { nullable: true, description: "Media type, determined by the content. Null until the bytes are received." })
  @Allow(inherit)
  type!: string | null;

  @Field(() => String, { nullable: true, description: "SHA-256 of the content, in hexadecimal. Null until the bytes are received." })
  @Allow(inherit)
  sha256!: string | null;

  @Field(() => FileStatus, { description: "Status." })
  @Allow(inherit)
  status!: FileStatus;

  @Field(() => String, { nullable: true, description: "Why the file was rejected. Null if it was not." })
  @Allow(inherit)
  reason!: string | null;

  @Field(() => User, { nullable: true, description: "Uploader. Null if you cannot see the user." })
  @Allow(inherit)
  createdBy!: User;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  @Allow(inherit)
  createdAt!: string;

  /** UUID, for links. */
  uuid!: string;

  /** Those in the storage, for `preview`. */
  previews!: readonly StoredPreview[] | null;
}

/** Converts a row to its API type. */
export const toFile = (row: FileRow): File =>
  Object.assign(new File(), {
    id: encodeId("file", row.id),
    name: row.name,
    size: row.size,
    type: row.type,
    sha256: row.sha256,
    status: row.status as FileStatus,
    reason: row.reason,
    createdBy: User.of(row.createdBy),
    createdAt: row.createdAt,
    uuid: row.id,
    previews: row.previews,
  });
