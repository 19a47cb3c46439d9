import type { Context } from "@weft/api/context";
import { allOf, Allow, can, staff } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, Mutation, Query, Resolver } from "type-graphql";
import { toBulkOperation, BulkOperationPayload } from "../../bulk/bulk.type.js";
import { bulkChangeRuns, previewBulkRuns } from "./bulk-runs.service.js";
import { BulkChangeRunsInput, BulkRunPreview, PreviewBulkRunsArgs } from "./bulk-runs.type.js";

@Resolver()
export class BulkRunsResolver {
  @Query(() => BulkRunPreview, {
    nullable: true,
    description:
      "Previews `bulkChangeRuns` without writing anything. Errors: BAD_USER_INPUT (neither or both of filter and runIds, an unknown ID), FORBIDDEN (the action).",
  })
  @Allow(allOf(staff, can("workflow.bulk")))
  previewBulkRuns(@Args(() => PreviewBulkRunsArgs) args: PreviewBulkRunsArgs, @Ctx() ctx: Context): Promise<BulkRunPreview> {
    return previewBulkRuns(ctx, args);
  }

  @Mutation(() => BulkOperationPayload, {
    description:
      "Cancels, resumes or continues many runs in the background, on your behalf and with the rights you have at that time. Each run is changed separately and has its own result. Errors: BAD_USER_INPUT, FORBIDDEN (the action), CONFLICT (expectedTotal), LIMIT_EXCEEDED (ten operations at a time).",
  })
  @Allow(allOf(staff, can("workflow.bulk")))
  async bulkChangeRuns(
    @Arg("input", () => BulkChangeRunsInput) input: BulkChangeRunsInput,
    @Ctx() ctx: Context,
  ): Promise<BulkOperationPayload> {
    return { operation: toBulkOperation(await bulkChangeRuns(ctx, input)) };
  }
}

export const bulkRunsModule: SubgraphModule = { resolvers: { automation: [BulkRunsResolver] } };
