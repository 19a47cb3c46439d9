import { Field, ID, InputType } from "type-graphql";
import { AttachmentVisibility } from "./attachment.type.js";

@InputType({ description: "Input of `attachFile`." })
export class AttachFileInput {
  @Field(() => ID, { description: "The file (`fil_…`), whose bytes must have been received." })
  fileId!: string;

  @Field(() => ID, { description: "The request, building, asset, maintenance plan, task, or contract." })
  objectId!: string;

  @Field(() => AttachmentVisibility, {
    nullable: true,
    description:
      "Users who can see the attachment. Default: `INTERNAL` if you can add internal attachments to the object, otherwise `SHARED`.",
  })
  visibility?: AttachmentVisibility | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}
