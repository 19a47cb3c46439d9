import { encodeId } from "@weft/shared/ids";
import type { AttachmentRow } from "@weft/platform/files";
import { payloadOf } from "@weft/api/inputs";
import { Allow, authenticated, inherit } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import { Field, ID, ObjectType, registerEnumType } from "type-graphql";
import { User } from "../references.js";

export const AttachmentVisibility = { INTERNAL: "INTERNAL", SHARED: "SHARED" } as const;
export type AttachmentVisibility = keyof typeof AttachmentVisibility;

registerEnumType(AttachmentVisibility, {
  name: "AttachmentVisibility",
  description: "Users who can see an attachment, among those who can see its object.",
  valuesConfig: {
    INTERNAL: { description: "Hidden from users of vendors, and from users who see the object only because it is their own (requesters)." },
    SHARED: { description: "Everyone who can see the object. What users of a vendor attach is hidden from other vendors." },
  },
});

@ObjectType({ description: "A file that is attached to an object." })
@Allow(authenticated)
export class Attachment {
  @Field(() => ID, { description: "ID (`att_…`)." })
  @Allow(inherit)
  id!: string;

  @Field(() => AttachmentVisibility, { description: "Users who can see it." })
  @Allow(inherit)
  visibility!: AttachmentVisibility;

  @Field(() => User, { nullable: true, description: "User who attached the file. Null if you cannot see the user." })
  @Allow(inherit)
  createdBy!: User;

  @Field(() => DateTimeScalar, { description: "Time at which the file was attached." })
  @Allow(inherit)
  createdAt!: string;

  /** UUID of the file, for loaders. */
  fileId!: string;
}

/** Converts a row to its API type. */
export const toAttachment = (row: AttachmentRow): Attachment =>
  Object.assign(new Attachment(), {
    id: encodeId("attachment", row.id),
    visibility: row.visibility as AttachmentVisibility,
    createdBy: User.of(row.createdBy),
    createdAt: row.createdAt,
    fileId: row.fileId,
  });

export const AttachmentPayload = payloadOf(Attachment, "attachment");
export type AttachmentPayload = InstanceType<typeof AttachmentPayload>;
