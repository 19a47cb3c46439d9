import { decodeId } from "@weft/shared/ids";
import { type Context, loadById } from "@weft/api/context";
import { DeletePayload, VersionedIdInput } from "@weft/api/inputs";
import { ConnectionArgs, type Page } from "@weft/api/pages";
import { Allow, can, inherit, VendorPortal } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { loadVendor } from "../vendors/vendor.loader.js";
import { Vendor } from "../vendors/vendor.type.js";
import { ReviewVendorDocumentInput, toDocumentPayload, VendorDocumentPayload, VendorDocumentsArgs } from "./document.input.js";
import { documentLoader, loadMissingDocuments, documentReferences } from "./document.loader.js";
import * as service from "./document.service.js";
import {
  MissingVendorDocument,
  VendorDocument,
  VendorDocumentConnection,
  AddVendorDocumentInput,
  UpdateVendorDocumentInput,
} from "./document.type.js";
import { reviewDocument } from "./review.service.js";

@Resolver(() => VendorDocument)
export class VendorDocumentResolver {
  @FieldResolver(() => Vendor, { nullable: true })
  @Allow(can("vendor.read"))
  vendor(@Root() { vendorId }: VendorDocument, @Ctx() ctx: Context): Promise<Vendor | null> {
    return loadVendor(ctx, vendorId);
  }

  @Query(() => VendorDocument, { nullable: true, description: "A document of a vendor. Errors: NOT_FOUND." })
  @Allow(can("vendorDocument.read"))
  @VendorPortal()
  vendorDocument(@Arg("id", () => ID, { description: "The document." }) id: string, @Ctx() ctx: Context): Promise<VendorDocument> {
    return loadById(ctx, documentLoader, "vendorDocument", id);
  }

  @Query(() => VendorDocumentConnection, {
    nullable: true,
    description:
      "Documents of all vendors, newest first by default. Users of a vendor see those of their own vendor. Errors: BAD_USER_INPUT (filter, page, cursor).",
  })
  @Allow(can("vendorDocument.read"))
  @VendorPortal()
  vendorDocuments(@Args(() => VendorDocumentsArgs) args: VendorDocumentsArgs, @Ctx() ctx: Context): Promise<Page<VendorDocument>> {
    return service.listAllDocuments(ctx, args);
  }

  @Mutation(() => VendorDocumentPayload, {
    description:
      "Adds a document of a vendor with its file. It counts once it is accepted: see `reviewVendorDocument`. Errors: NOT_FOUND (vendor), BAD_USER_INPUT, LIMIT_EXCEEDED, CONFLICT (idempotency key).",
  })
  @Allow(can("vendorDocument.create"))
  @VendorPortal()
  async addVendorDocument(
    @Arg("input", () => AddVendorDocumentInput, { description: "The document." }) input: AddVendorDocumentInput,
    @Ctx() ctx: Context,
  ): Promise<VendorDocumentPayload> {
    return toDocumentPayload(await service.addDocument(ctx, input), "input.validUntil");
  }

  @Mutation(() => VendorDocumentPayload, {
    description: "Changes a document of a vendor. Errors: NOT_FOUND, BAD_USER_INPUT, CONFLICT.",
  })
  @Allow(can("vendorDocument.update"))
  async updateVendorDocument(
    @Arg("input", () => UpdateVendorDocumentInput, { description: "The changes." }) input: UpdateVendorDocumentInput,
    @Ctx() ctx: Context,
  ): Promise<VendorDocumentPayload> {
    return toDocumentPayload(await service.updateDocument(ctx, input), "input.validUntil");
  }

  @Mutation(() => DeletePayload, {
    description: "Removes a document of a vendor. It no longer counts. Errors: NOT_FOUND, CONFLICT.",
  })
  @Allow(can("vendorDocument.update"))
  async removeVendorDocument(
    @Arg("input", () => VersionedIdInput, { description: "The document." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<DeletePayload> {
    await service.removeDocument(ctx, input);
    return { id: input.id };
  }

  @Mutation(() => VendorDocumentPayload, {
    description:
      "Accepts or rejects a document of a vendor. Another review can change the decision. Errors: NOT_FOUND, BAD_USER_INPUT, CONFLICT (version; it was already decided so).",
  })
  @Allow(can("vendorDocument.review"))
  async reviewVendorDocument(
    @Arg("input", () => ReviewVendorDocumentInput, { description: "The decision." }) input: ReviewVendorDocumentInput,
    @Ctx() ctx: Context,
  ): Promise<VendorDocumentPayload> {
    return toDocumentPayload(await reviewDocument(ctx, input), "input.id");
  }
}

@Resolver(() => MissingVendorDocument)
export class MissingVendorDocumentResolver {
  @FieldResolver(() => VendorDocument, { nullable: true })
  @Allow(inherit)
  document(@Root() { documentId }: MissingVendorDocument, @Ctx() ctx: Context): Promise<VendorDocument | null> {
    return documentId === null ? Promise.resolve(null) : documentLoader(ctx).load(documentId);
  }
}

/** Fields that documents add to vendors. */
@Resolver(() => Vendor)
export class VendorDocumentsResolver {
  @FieldResolver(() => VendorDocumentConnection, { nullable: true, description: "Documents of the vendor, newest first." })
  @Allow(can("vendorDocument.read"))
  documents(@Root() { id }: Vendor, @Args(() => ConnectionArgs) args: ConnectionArgs, @Ctx() ctx: Context): Promise<Page<VendorDocument>> {
    return service.documentsOf(ctx, decodeId("vendor", id), args);
  }

  @FieldResolver(() => [MissingVendorDocument], {
    nullable: true,
    description: "Required documents that the vendor lacks. As long as there are any, it gets no new work.",
  })
  @Allow(can("vendorDocument.read"))
  missingDocuments(@Root() { id }: Vendor, @Ctx() ctx: Context): Promise<readonly MissingVendorDocument[]> {
    return loadMissingDocuments(ctx, decodeId("vendor", id));
  }
}

export const vendorDocumentModule: SubgraphModule = {
  resolvers: { vendors: [VendorDocumentResolver, VendorDocumentsResolver, MissingVendorDocumentResolver] },
  references: { VendorDocument: documentReferences },
};
