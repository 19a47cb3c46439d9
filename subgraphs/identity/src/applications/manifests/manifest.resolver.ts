import type { Context } from "@weft/api/context";
import { VersionedIdInput } from "@weft/api/inputs";
import type { Page } from "@weft/api/pages";
import { Allow, canInTenant } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, Mutation, Query, Resolver } from "type-graphql";
import { StoredDocumentsArgs } from "./manifest.input.js";
import { listDocuments, pushOperations, retireOperations } from "./manifest.service.js";
import { OperationManifestPayload, PushOperationsInput, type StoredDocument, StoredDocumentConnection } from "./manifest.type.js";

@Resolver()
export class ManifestResolver {
  @Query(() => StoredDocumentConnection, {
    nullable: true,
    description: "Documents of a version of an application's operations. A retired version has none. Errors: NOT_FOUND, BAD_USER_INPUT.",
  })
  @Allow(canInTenant("application.read"))
  storedDocuments(@Args(() => StoredDocumentsArgs) args: StoredDocumentsArgs, @Ctx() ctx: Context): Promise<Page<StoredDocument>> {
    return listDocuments(ctx, args);
  }

  @Mutation(() => OperationManifestPayload, {
    description:
      "Stores the operations of a version of an application. Requests of the application can then name them by their IDs. Each document must be valid in the schema and have one operation; if one is not, nothing is stored, and every problem is listed. An active version with the same operations is returned again. Errors: BAD_USER_INPUT, NOT_FOUND, LIMIT_EXCEEDED, CONFLICT (idempotency key).",
  })
  @Allow(canInTenant("application.push"))
  async pushOperations(
    @Arg("input", () => PushOperationsInput, { description: "The input." }) input: PushOperationsInput,
    @Ctx() ctx: Context,
  ): Promise<OperationManifestPayload> {
    return { manifest: await pushOperations(ctx, input) };
  }

  @Mutation(() => OperationManifestPayload, {
    description:
      "Retires a version of an application's operations. Requests that name them are refused, unless another active version has them. Errors: NOT_FOUND, CONFLICT.",
  })
  @Allow(canInTenant("application.manage"))
  async retireOperations(
    @Arg("input", () => VersionedIdInput, { description: "The version, `opm_…`." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<OperationManifestPayload> {
    return { manifest: await retireOperations(ctx, input) };
  }
}

export const manifestModule: SubgraphModule = { resolvers: { organizations: [ManifestResolver] } };
