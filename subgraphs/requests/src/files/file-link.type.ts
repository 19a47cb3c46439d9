import { Allow, inherit } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import { Field, Int, ObjectType, registerEnumType } from "type-graphql";
import { File } from "./file.type.js";

@ObjectType({ description: "Payload of `createUpload`." })
@Allow(inherit)
export class CreateUploadPayload {
  @Field(() => File, { description: "The file, without bytes so far." })
  file!: File;

  @Field(() => String, {
    description:
      "Where to send the bytes with `PUT`, relative to the URL of the API. Whoever has this link can send them, until it expires.",
  })
  url!: string;

  @Field(() => DateTimeScalar, { description: "Time at which the link expires. It also ends with your session." })
  expiresAt!: string;
}

@ObjectType({ description: "A link to the bytes of a file." })
@Allow(inherit)
export class FileLink {
  @Field(() => String, {
    description: "URL, relative to that of the API. Whoever has it can read the file as you, until it expires or your session ends.",
  })
  url!: string;

  @Field(() => DateTimeScalar, { description: "Time at which the link expires." })
  expiresAt!: string;
}

export const PreviewSize = { SMALL: "SMALL", MEDIUM: "MEDIUM", LARGE: "LARGE" } as const;
export type PreviewSize = keyof typeof PreviewSize;

registerEnumType(PreviewSize, {
  name: "PreviewSize",
  description: "Size of an image preview. The image keeps its proportions and is never enlarged.",
  valuesConfig: {
    SMALL: { description: "At most 160 × 160 pixels, for lists." },
    MEDIUM: { description: "At most 640 × 640 pixels, for cards." },
    LARGE: { description: "At most 1600 × 1600 pixels, for a screen." },
  },
});

@ObjectType({
  description: "A smaller copy of an image, as WebP. It is upright and has no metadata, such as the place where a photo was taken.",
})
@Allow(inherit)
export class ImagePreview {
  @Field(() => String, {
    description: "URL, relative to that of the API. Whoever has it can see the preview as you, until it expires or your session ends.",
  })
  url!: string;

  @Field(() => DateTimeScalar, { description: "Time at which the link expires." })
  expiresAt!: string;

  @Field(() => Int, { description: "Width in pixels." })
  width!: number;

  @Field(() => Int, { description: "Height in pixels." })
  height!: number;
}
