import { isDrawable } from "@weft/platform/files";
import { type Context, loadById, referencesThrough } from "@weft/api/context";
import { Allow, authenticated, can, inherit, VendorPortal } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { CreateUploadPayload, FileLink, ImagePreview, PreviewSize } from "./file-link.type.js";
import { fileLink, previewLink } from "./file-link.js";
import { fileLoader } from "./file.loader.js";
import { CreateUploadInput, File } from "./file.type.js";
import * as service from "./upload.service.js";
import { taskStubs } from "./task.type.js";
import { contractStubs } from "./contract.type.js";
import { vendorDocumentStubs } from "./vendor-document.type.js";

@Resolver(() => File)
export class FileResolver {
  @Query(() => File, { nullable: true, description: "A file. Errors: NOT_FOUND, BAD_USER_INPUT (malformed ID)." })
  @Allow(authenticated)
  @VendorPortal()
  file(@Arg("id", () => ID, { description: "ID of the file (`fil_…`)." }) id: string, @Ctx() ctx: Context): Promise<File> {
    return loadById(ctx, fileLoader, "file", id);
  }

  @FieldResolver(() => FileLink, { nullable: true, description: "Link to download the file. Null unless its status is STORED." })
  @Allow(inherit)
  download(@Root() file: File, @Ctx() ctx: Context): FileLink | null {
    return file.status === "STORED" ? fileLink(ctx, file.uuid, "download") : null;
  }

  @FieldResolver(() => FileLink, {
    nullable: true,
    description: "Link to show the file inside a page. Null unless it is a JPEG, PNG, GIF, WebP, or AVIF image with the status STORED.",
  })
  @Allow(inherit)
  image(@Root() file: File, @Ctx() ctx: Context): FileLink | null {
    return file.status === "STORED" && isDrawable(file.type ?? "") ? fileLink(ctx, file.uuid, "view") : null;
  }

  @FieldResolver(() => ImagePreview, {
    nullable: true,
    description:
      "Preview of an image. A worker makes it some seconds after the upload. Null until then, and if there is none: for other files, and for images that are broken or too large.",
  })
  @Allow(inherit)
  preview(
    @Arg("size", () => PreviewSize, { defaultValue: PreviewSize.MEDIUM, description: "Size." }) size: PreviewSize,
    @Root() file: File,
    @Ctx() ctx: Context,
  ): ImagePreview | null {
    return previewLink(ctx, file, size);
  }

  @Mutation(() => CreateUploadPayload, {
    description:
      "Creates an upload and reserves its storage for an hour. Send the bytes to the returned URL, then attach the file. Errors: BAD_USER_INPUT (name, size, type), LIMIT_EXCEEDED, CONFLICT (idempotency key).",
  })
  @Allow(can("file.create"))
  @VendorPortal()
  createUpload(@Arg("input", () => CreateUploadInput) input: CreateUploadInput, @Ctx() ctx: Context): Promise<CreateUploadPayload> {
    return service.createUpload(ctx, input);
  }
}

export const fileModule: SubgraphModule = {
  resolvers: { files: [FileResolver] },
  references: {
    File: referencesThrough(fileLoader),
    Task: (_ctx, ids) => Promise.resolve(taskStubs(ids)),
    Contract: (_ctx, ids) => Promise.resolve(contractStubs(ids)),
    VendorDocument: (_ctx, ids) => Promise.resolve(vendorDocumentStubs(ids)),
  },
};
