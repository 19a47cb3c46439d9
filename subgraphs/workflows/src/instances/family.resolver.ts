import { workflows } from "@weft/drizzle";
import type { InstanceHead } from "@weft/engine";
import { Allow, ConnectionArgs, inherit, keysetPage, nestedRows, type Context, type Page } from "@weft/shared";
import { Args, Ctx, FieldResolver, Int, Resolver, Root } from "type-graphql";
import { countChildrenOf, selectChildrenOf } from "./family.store.js";
import { WorkflowInstanceOrder } from "./instance.list.js";
import { loadInstance } from "./instance.loader.js";
import { WorkflowInstance, WorkflowInstanceConnection, toWorkflowInstance } from "./instance.type.js";

const { instances } = workflows;

/** Instances that start others. */
@Resolver(() => WorkflowInstance)
export class WorkflowInstanceFamilyResolver {
  @FieldResolver(() => WorkflowInstance, {
    nullable: true,
    description: "The instance that started this one; null when people did, and when you may not see that one.",
  })
  @Allow(inherit)
  parent(@Root() { head }: WorkflowInstance, @Ctx() ctx: Context): Promise<WorkflowInstance | null> {
    return loadParent(ctx, head);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: "Its name under `children` in the parent's definition; null without `parent`.",
  })
  @Allow(inherit)
  async parentRule(@Root() { head }: WorkflowInstance, @Ctx() ctx: Context): Promise<string | null> {
    return (await loadParent(ctx, head)) && head.parentRule;
  }

  @FieldResolver(() => Int, {
    nullable: true,
    description: "Which of several of its rule, from 0: the index of its item in the parent's list; null without `parent`.",
  })
  @Allow(inherit)
  async childIndex(@Root() { head }: WorkflowInstance, @Ctx() ctx: Context): Promise<number | null> {
    return (await loadParent(ctx, head)) && head.childIndex;
  }

  @FieldResolver(() => WorkflowInstanceConnection, {
    description: "The instances that this one has started and that you may see, in the order in which they were started.",
  })
  @Allow(inherit)
  children(
    @Root() { head }: WorkflowInstance,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Ctx() ctx: Context,
  ): Promise<Page<WorkflowInstance>> {
    return keysetPage<InstanceHead, WorkflowInstance>(ctx, {
      args,
      list: `workflowInstance.children ${head.id}`,
      orderBy: WorkflowInstanceOrder.resolve(null, ["CREATED_AT", "ASC"]),
      id: { column: instances.id, valueOf: (row) => row.id },
      fetch: (slice) =>
        nestedRows(ctx, {
          name: "workflowInstance.children",
          args,
          parentId: head.id,
          slice,
          select: (tx, ids) => selectChildrenOf(tx, ctx.viewer, ids, slice),
          parentOf: (row) => row.parentId,
        }),
      count: () => ctx.read((tx) => countChildrenOf(tx, ctx.viewer, head.id)),
      toNode: toWorkflowInstance,
    });
  }
}

async function loadParent(ctx: Context, { parentId }: InstanceHead): Promise<WorkflowInstance | null> {
  return parentId === null ? null : loadInstance(ctx, parentId);
}
