import {
  Allow,
  ConnectionArgs,
  allOf,
  anyOf,
  can,
  decodeId,
  staff,
  type Context,
  type FilterValue,
  type OrderByValue,
  type Page,
} from "@weft/shared";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { loadInstance } from "../instances/instance.loader.js";
import type { WorkflowInstance } from "../instances/instance.type.js";
import {
  BulkFireTransitionInput,
  BulkFireTransitionPayload,
  CancelBulkOperationInput,
  CancelBulkOperationPayload,
  PreviewBulkTransitionArgs,
} from "./bulk.input.js";
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
} from "./bulk.type.js";
import { bulkFireTransition, previewBulkTransition } from "./fire-many.service.js";

@Resolver(() => BulkOperation)
export class BulkOperationResolver {
  @Query(() => BulkOperation, {
    nullable: true,
    description: "One operation on many instances. Errors: NOT_FOUND, BAD_USER_INPUT (the id).",
  })
  @Allow(allOf(staff, can("workflow.read")))
  async bulkOperation(@Arg("id", () => ID, { description: "Its id, `blk_…`." }) id: string, @Ctx() ctx: Context): Promise<BulkOperation> {
    const operationId = decodeId("bulkOperation", id);
    return toBulkOperation(await ctx.read((tx) => getOperation(tx, ctx, operationId)));
  }

  @Query(() => BulkOperationConnection, {
    nullable: true,
    description: "The operations on many instances that you may see, yours or everybody's; newest first unless told otherwise.",
  })
  @Allow(allOf(staff, can("workflow.read")))
  bulkOperations(
    @Arg("filter", () => BulkOperationFilter.Input, { nullable: true, description: "Which ones." }) filter: FilterValue | null | undefined,
    @Arg("orderBy", () => BulkOperationOrder.Input, { nullable: true, description: "In which order." }) orderBy:
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
      "What `bulkFireTransition` would do; nothing is written. Errors: BAD_USER_INPUT (neither or both of filter and instanceIds, an id that is not there).",
  })
  @Allow(can("workflow.bulk"))
  previewBulkTransition(@Args(() => PreviewBulkTransitionArgs) args: PreviewBulkTransitionArgs, @Ctx() ctx: Context): Promise<BulkPreview> {
    return previewBulkTransition(ctx, args);
  }

  @Mutation(() => BulkFireTransitionPayload, {
    description:
      "Fires a transition at many instances, in the background: as you, with your rights of then, each by itself and with a result of its own. One that is moved by somebody else meanwhile is left alone. Errors: BAD_USER_INPUT, CONFLICT (expectedTotal), LIMIT_EXCEEDED (ten operations at a time).",
  })
  @Allow(can("workflow.bulk"))
  async bulkFireTransition(
    @Arg("input", () => BulkFireTransitionInput) input: BulkFireTransitionInput,
    @Ctx() ctx: Context,
  ): Promise<BulkFireTransitionPayload> {
    return { operation: toBulkOperation(await bulkFireTransition(ctx, input)) };
  }

  @Mutation(() => CancelBulkOperationPayload, {
    description: "Stops an operation; what was done stays done, and one that has ended stays as it is. Errors: NOT_FOUND, CONFLICT.",
  })
  @Allow(anyOf(can("workflow.bulk"), can("workflow.migrate")))
  async cancelBulkOperation(
    @Arg("input", () => CancelBulkOperationInput) input: CancelBulkOperationInput,
    @Ctx() ctx: Context,
  ): Promise<CancelBulkOperationPayload> {
    return { operation: toBulkOperation(await cancelBulkOperation(ctx, input)) };
  }

  @FieldResolver(() => BulkItemConnection, { description: "Each instance with its result, in the order in which they are done." })
  items(
    @Root() { row }: BulkOperation,
    @Arg("status", () => BulkItemStatus, { nullable: true, description: "Only those that stand so." }) status:
      | BulkItemStatus
      | null
      | undefined,
    @Args(() => ConnectionArgs) page: ConnectionArgs,
    @Ctx() ctx: Context,
  ): Promise<Page<BulkItem>> {
    return listItems(ctx, row, status ?? null, page);
  }
}

/** What is said of an instance is for those who may see it. */
@Resolver(() => BulkItem)
export class BulkItemResolver {
  @FieldResolver()
  instance(@Root() { row }: BulkItem, @Ctx() ctx: Context): Promise<WorkflowInstance | null> {
    return loadInstance(ctx, row.instanceId);
  }

  @FieldResolver()
  code(@Root() { row }: BulkItem): string | null {
    // Before that it is what a try ended with that is made again.
    return row.status === "FAILED" ? row.code : null;
  }

  @FieldResolver()
  async message(@Root() { row }: BulkItem, @Ctx() ctx: Context): Promise<string | null> {
    return row.message === null ? null : (await loadInstance(ctx, row.instanceId)) && row.message;
  }
}
