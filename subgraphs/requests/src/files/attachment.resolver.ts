import { files as tables } from "@weft/drizzle";
import { decodeId } from "@weft/shared/ids";
import type { AttachmentRow } from "@weft/platform/files";
import type { Context } from "@weft/api/context";
import { DeletePayload, IdInput } from "@weft/api/inputs";
import { ConnectionArgs, connectionOf, keysetPage, nestedRows, type Page } from "@weft/api/pages";
import { Allow, anyOf, can, inherit, VendorPortal } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, Directive, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import { Asset } from "../assets/asset.type.js";
import { Building } from "../buildings/building.type.js";
import { RequestComment } from "../comments/comment.type.js";
import { MaintenancePlan } from "../maintenance/plan.type.js";
import { Request } from "../requests/request.type.js";
import { AttachFileInput } from "./attachment.input.js";
import { loadAttachmentsOfComment } from "./attachment.loader.js";
import * as service from "./attachment.service.js";
import { countAttachments, listAttachments } from "./attachment.store.js";
import { Attachment, toAttachment, AttachmentPayload } from "./attachment.type.js";
import { Contract } from "./contract.type.js";
import { fileLoader } from "./file.loader.js";
import { File } from "./file.type.js";
import { Task } from "./task.type.js";
import { VendorDocument } from "./vendor-document.type.js";

const { attachments } = tables;

export const { Connection: AttachmentConnection } = connectionOf(Attachment, "Attachment");

const attachmentId = { column: attachments.id, valueOf: (row: AttachmentRow) => row.id };

@Resolver(() => Attachment)
export class AttachmentResolver {
  @FieldResolver(() => File, { nullable: true, description: "The file. Null if it was deleted meanwhile." })
  @Allow(inherit)
  file(@Root() attachment: Attachment, @Ctx() ctx: Context): Promise<File | null> {
    return fileLoader(ctx).load(attachment.fileId);
  }

  @Mutation(() => AttachmentPayload, {
    description:
      "Attaches a file to a request, building, asset, maintenance plan, task, or contract that you can see. A file can be attached to several objects. Errors: NOT_FOUND (object), BAD_USER_INPUT (file, visibility), LIMIT_EXCEEDED, CONFLICT (idempotency key).",
  })
  @Allow(can("file.create"))
  @VendorPortal()
  attachFile(@Arg("input", () => AttachFileInput) input: AttachFileInput, @Ctx() ctx: Context): Promise<AttachmentPayload> {
    return service.attachFile(ctx, input);
  }

  @Mutation(() => DeletePayload, {
    description:
      "Deletes an attachment, and with its last attachment the file. Errors: NOT_FOUND, CONFLICT (file of a document of a vendor).",
  })
  @Allow(can("file.delete"))
  deleteAttachment(
    @Arg("input", () => IdInput, { description: "The attachment (`att_…`)." }) input: IdInput,
    @Ctx() ctx: Context,
  ): Promise<DeletePayload> {
    return service.deleteAttachment(ctx, input);
  }
}

/** Returns a page of the attachments of an object, newest first. */
function attachmentsOf(ctx: Context, args: ConnectionArgs, type: string, objectId: string): Promise<Page<Attachment>> {
  return keysetPage<AttachmentRow, Attachment>(ctx, {
    args,
    list: `${type}.attachments ${objectId}`,
    orderBy: null,
    id: attachmentId,
    fetch: (slice) =>
      nestedRows(ctx, {
        name: `${type}.attachments`,
        args,
        parentId: objectId,
        slice,
        select: (tx, ids) => listAttachments(tx, ctx.viewer, ids, slice),
        parentOf: (row) => row.objectId,
      }),
    count: () => ctx.read((tx) => countAttachments(tx, ctx.viewer, objectId)),
    toNode: toAttachment,
  });
}

const description = "Attachments that you can see, newest first.";

/** Fields that attachments add to requests. */
@Resolver(() => Request)
export class RequestAttachmentsResolver {
  @FieldResolver(() => AttachmentConnection, { description })
  @Allow(can("request.read"))
  attachments(@Root() request: Request, @Args(() => ConnectionArgs) args: ConnectionArgs, @Ctx() ctx: Context): Promise<Page<Attachment>> {
    return attachmentsOf(ctx, args, "request", request.row.id);
  }
}

/** Fields that attachments add to buildings. */
@Resolver(() => Building)
export class BuildingAttachmentsResolver {
  @FieldResolver(() => AttachmentConnection, { description })
  @Allow(can("building.read"))
  attachments(
    @Root() building: Building,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Ctx() ctx: Context,
  ): Promise<Page<Attachment>> {
    return attachmentsOf(ctx, args, "building", building.uuid);
  }
}

/** Fields that attachments add to assets. */
@Resolver(() => Asset)
export class AssetAttachmentsResolver {
  @FieldResolver(() => AttachmentConnection, { description })
  @Allow(can("asset.read"))
  attachments(@Root() asset: Asset, @Args(() => ConnectionArgs) args: ConnectionArgs, @Ctx() ctx: Context): Promise<Page<Attachment>> {
    return attachmentsOf(ctx, args, "asset", asset.uuid);
  }
}

/** Field that attachments add to comments on requests. */
@Resolver(() => RequestComment)
export class CommentAttachmentsResolver {
  @FieldResolver(() => [Attachment], {
    description: "Files that were attached with the comment, oldest first. They are also among those of the request.",
  })
  @Allow(inherit)
  attachments(@Root() { row }: RequestComment, @Ctx() ctx: Context): Promise<Attachment[]> {
    return loadAttachmentsOfComment(ctx, row.id);
  }
}

/** Fields that attachments add to maintenance plans. */
@Resolver(() => MaintenancePlan)
export class MaintenancePlanAttachmentsResolver {
  @FieldResolver(() => AttachmentConnection, { description: "Files that each request of the plan gets, newest first." })
  @Allow(can("maintenancePlan.read"))
  attachments(
    @Root() plan: MaintenancePlan,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Ctx() ctx: Context,
  ): Promise<Page<Attachment>> {
    return attachmentsOf(ctx, args, "maintenancePlan", plan.row.id);
  }
}

/** Field that attachments add to tasks. */
@Resolver(() => Task)
export class TaskAttachmentsResolver {
  @Directive('@requires(fields: "id")')
  @FieldResolver(() => AttachmentConnection, {
    nullable: true,
    description: `${description} Null with an error if access is refused or the requests service is unavailable.`,
  })
  @Allow(anyOf(can("task.read"), can("workflow.read")))
  attachments(@Root() task: Task, @Args(() => ConnectionArgs) args: ConnectionArgs, @Ctx() ctx: Context): Promise<Page<Attachment>> {
    return attachmentsOf(ctx, args, "task", decodeId("task", task.nodeKey));
  }
}

/** Field that attachments add to contracts. */
@Resolver(() => Contract)
export class ContractAttachmentsResolver {
  @Directive('@requires(fields: "id")')
  @FieldResolver(() => AttachmentConnection, {
    nullable: true,
    description: `${description} Null with an error if access is refused or the requests service is unavailable.`,
  })
  @Allow(can("contract.read"))
  attachments(
    @Root() contract: Contract,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Ctx() ctx: Context,
  ): Promise<Page<Attachment>> {
    return attachmentsOf(ctx, args, "contract", decodeId("contract", contract.nodeKey));
  }
}

/** Field that attachments add to documents of vendors. */
@Resolver(() => VendorDocument)
export class VendorDocumentAttachmentsResolver {
  @Directive('@requires(fields: "id")')
  @FieldResolver(() => AttachmentConnection, {
    nullable: true,
    description: "File of the document. Null with an error if access is refused or the requests service is unavailable.",
  })
  @Allow(can("vendorDocument.read"))
  attachments(
    @Root() document: VendorDocument,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Ctx() ctx: Context,
  ): Promise<Page<Attachment>> {
    return attachmentsOf(ctx, args, "vendorDocument", decodeId("vendorDocument", document.nodeKey));
  }
}

export const attachmentModule: SubgraphModule = {
  resolvers: {
    files: [
      AttachmentResolver,
      RequestAttachmentsResolver,
      BuildingAttachmentsResolver,
      MaintenancePlanAttachmentsResolver,
      AssetAttachmentsResolver,
      CommentAttachmentsResolver,
      TaskAttachmentsResolver,
      ContractAttachmentsResolver,
      VendorDocumentAttachmentsResolver,
    ],
  },
};
