import { decodeId } from "@weft/shared/ids";
import { type Context, referencesEach } from "@weft/api/context";
import type { FilterValue } from "@weft/api/filters";
import { KeyedVersionedIdInput } from "@weft/api/inputs";
import { ConnectionArgs, type OrderByValue, type Page } from "@weft/api/pages";
import { allOf, Allow, anyOf, can, inherit, staff } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { loadRun } from "../automation/run.loader.js";
import { Run } from "../automation/run.type.js";
import { loadInstance } from "../instances/instance.loader.js";
import type { WorkflowInstance } from "../instances/instance.type.js";
import { BulkFireTransitionInput, PreviewBulkTransitionArgs } from "./bulk.input.js";
import { BulkOperationFilter, BulkOperationOrder, listItems, listOperations } from "./bulk.list.js";
import { cancelBulkOperation, getOperation } from "./bulk.service.js";
import {
  BulkItem,
  BulkItemConnection,
  BulkItemStatus,
  BulkOperation,
  BulkOperationConnection,
  BulkPreview,
  toBulkOperation,
  BulkOperationPayload,
} from "./bulk.type.js";
import { bulkFireTransition, previewBulkTransition } from "./fire-many.service.js";
import { loadOperation } from "./bulk.loader.js";

@Resolver(() => BulkOperation)
export class BulkOperationResolver {
  @Query(() => BulkOperation, {
    nullable: true,
    description: "One bulk operation. Errors: NOT_FOUND, BAD_USER_INPUT (the ID).",
  })
  @Allow(allOf(staff, can("workflow.read")))
  async bulkOperation(
    @Arg("id", () => ID, { description: "ID of the operation (`blk_…`)." }) id: string,
    @Ctx() ctx: Context,
  ): Promise<BulkOperation> {
    const operationId = decodeId("bulkOperation", id);
    return toBulkOperation(await ctx.read((tx) => getOperation(tx, ctx, operationId)));
  }

  @Query(() => BulkOperationConnection, {
    nullable: true,
    description: "The bulk operations that you can see: your own or everybody's, newest first by default.",
  })
  @Allow(allOf(staff, can("workflow.read")))
  bulkOperations(
    @Arg("filter", () => BulkOperationFilter.Input, { nullable: true, description: "Filter." }) filter: FilterValue | null | undefined,
    @Arg("orderBy", () => BulkOperationOrder.Input, { nullable: true, description: "Sort order." }) orderBy:
      | OrderByValue
      | null
      | undefined,
    @Args(() => ConnectionArgs) page: ConnectionArgs,
    @Ctx() ctx: Context,
  ): Promise<Page<BulkOperation>> {
    return listOperations(ctx, { filter, orderBy, page });
  }

  @Query(() => BulkPreview, {
    nullable: true,
    description:
      "Previews `bulkFireTransition` without writing anything. Errors: BAD_USER_INPUT (neither or both of filter and instanceIds, an unknown ID).",
  })
  @Allow(can("workflow.bulk"))
  previewBulkTransition(@Args(() => PreviewBulkTransitionArgs) args: PreviewBulkTransitionArgs, @Ctx() ctx: Context): Promise<BulkPreview> {
    return previewBulkTransition(ctx, args);
  }

  @Mutation(() => BulkOperationPayload, {
    description:
      "Fires a transition on many instances in the background, on your behalf and with the rights you have at that time. Each instance is changed separately and has its own result. Instances that somebody else changes in the meantime are skipped. Errors: BAD_USER_INPUT, CONFLICT (expectedTotal), LIMIT_EXCEEDED (ten operations at a time).",
  })
  @Allow(can("workflow.bulk"))
  async bulkFireTransition(
    @Arg("input", () => BulkFireTransitionInput) input: BulkFireTransitionInput,
    @Ctx() ctx: Context,
  ): Promise<BulkOperationPayload> {
    return { operation: toBulkOperation(await bulkFireTransition(ctx, input)) };
  }

  @Mutation(() => BulkOperationPayload, {
    description:
      "Stops an operation. Completed items are not undone, and an operation that has ended is not changed. Errors: NOT_FOUND, CONFLICT.",
  })
  @Allow(anyOf(can("workflow.bulk"), can("workflow.migrate")))
  async cancelBulkOperation(
    @Arg("input", () => KeyedVersionedIdInput, {
      description: "ID of the operation (`blk_…`). The version grows as the operation progresses.",
    })
    input: KeyedVersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<BulkOperationPayload> {
    return { operation: toBulkOperation(await cancelBulkOperation(ctx, input)) };
  }

  @FieldResolver(() => BulkItemConnection, { description: "The instances with their results, in processing order." })
  items(
    @Root() { row }: BulkOperation,
    @Arg("status", () => BulkItemStatus, { nullable: true, description: "Only items with this status." }) status:
      | BulkItemStatus
      | null
      | undefined,
    @Args(() => ConnectionArgs) page: ConnectionArgs,
    @Ctx() ctx: Context,
  ): Promise<Page<BulkItem>> {
    return listItems(ctx, row, status ?? null, page);
  }
}

/** The message about an instance is visible only to users who can see the instance. */
@Resolver(() => BulkItem)
export class BulkItemResolver {
  @FieldResolver()
  instance(@Root() { row }: BulkItem, @Ctx() ctx: Context): Promise<WorkflowInstance | null> {
    return loadInstance(ctx, row.instanceId);
  }

  @FieldResolver(() => Run, {
    nullable: true,
    description: "The run, in operations on runs. `continuedBy` is the run that continues it. Null if you cannot see it.",
  })
  @Allow(inherit)
  async run(@Root() { row }: BulkItem, @Ctx() ctx: Context): Promise<Run | null> {
    return row.runId === null || ctx.viewer.vendorId !== null ? null : loadRun(ctx, row.runId);
  }

  @FieldResolver()
  code(@Root() { row }: BulkItem): string | null {
    // Until then, the code is that of an attempt that will be retried.
    return row.status === "FAILED" ? row.code : null;
  }

  @FieldResolver()
  async message(@Root() { row }: BulkItem, @Ctx() ctx: Context): Promise<string | null> {
    return row.message === null ? null : (await loadInstance(ctx, row.instanceId)) && row.message;
  }
}

export const bulkOperationModule: SubgraphModule = {
  resolvers: { workflows: [BulkOperationResolver, BulkItemResolver] },
  references: { BulkOperation: referencesEach(loadOperation) },
};
