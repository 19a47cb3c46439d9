import { workflows } from "@weft/drizzle";
import type { InstanceHead } from "@weft/engine";
import type { Context } from "@weft/api/context";
import { ConnectionArgs, keysetPage, nestedRows, type Page } from "@weft/api/pages";
import { Allow, inherit } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Args, Ctx, FieldResolver, Int, Resolver, Root } from "type-graphql";
import { countChildrenOf, selectChildrenOf } from "./hierarchy.store.js";
import { WorkflowInstanceOrder } from "../instance.list.js";
import { loadInstance } from "../instance.loader.js";
import { WorkflowInstance, WorkflowInstanceConnection, toWorkflowInstance } from "../instance.type.js";

const { instances } = workflows;

/** Fields of parent and child instances. */
@Resolver(() => WorkflowInstance)
export class WorkflowInstanceHierarchyResolver {
  @FieldResolver(() => WorkflowInstance, {
    nullable: true,
    description: "The instance that started this one. Null if a user started it, or if you cannot see the parent.",
  })
  @Allow(inherit)
  parent(@Root() { head }: WorkflowInstance, @Ctx() ctx: Context): Promise<WorkflowInstance | null> {
    return loadParent(ctx, head);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description:
      "Name of the rule under `children` in the parent's definition. If a step started it: `steps.` and the step's ID, such as `steps.deploy`, `steps.deploy[0]` for an item, or `steps.deploy.undo` for the work that undoes it. Null without `parent`.",
  })
  @Allow(inherit)
  async parentRule(@Root() { head }: WorkflowInstance, @Ctx() ctx: Context): Promise<string | null> {
    return (await loadParent(ctx, head)) && head.parentRule;
  }

  @FieldResolver(() => Int, {
    nullable: true,
    description:
      "Index of this instance among those of its rule, starting at 0: the index of its item in the parent's list, or the number of earlier attempts of its step. Null without `parent`.",
  })
  @Allow(inherit)
  async childIndex(@Root() { head }: WorkflowInstance, @Ctx() ctx: Context): Promise<number | null> {
    return (await loadParent(ctx, head)) && head.childIndex;
  }

  @FieldResolver(() => WorkflowInstanceConnection, {
    description: "Instances started by this one that you can see, in the order in which they were started.",
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

export const workflowInstanceHierarchyModule: SubgraphModule = { resolvers: { workflows: [WorkflowInstanceHierarchyResolver] } };
