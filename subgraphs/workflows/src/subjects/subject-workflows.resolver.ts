import { decodeId, type IdType } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import type { FilterValue } from "@weft/api/filters";
import { ConnectionArgs, type OrderByValue, type Page } from "@weft/api/pages";
import { Allow, can } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, Directive, FieldResolver, Resolver, Root } from "type-graphql";
import { listInstancesOfSubject, WorkflowInstanceFilter, WorkflowInstanceOrder } from "../instances/instance.list.js";
import { type WorkflowInstance, WorkflowInstanceConnection } from "../instances/instance.type.js";
import { Asset, Building, type subjectPermissions, type SubjectStub } from "./subject.type.js";

/** Adds `workflows` to the type of a business object. Its owner decides whether the viewer sees the object, so the field requires its ID. */
function workflowsOn(type: new () => SubjectStub, idType: IdType & keyof typeof subjectPermissions): new () => object {
  @Resolver(() => type)
  class SubjectWorkflowsResolver {
    @FieldResolver(() => WorkflowInstanceConnection, {
      nullable: true,
      description: `Workflows whose \`subject\` is the ${idType}, as far as you can see them, newest first by default. Null with an error if access is refused or the workflows service is unavailable.`,
    })
    @Directive('@requires(fields: "id")')
    @Allow(can("workflow.read"))
    workflows(
      @Root() { nodeKey }: SubjectStub,
      @Arg("filter", () => WorkflowInstanceFilter.Input, { nullable: true, description: "Filter." }) filter: FilterValue | null | undefined,
      @Arg("orderBy", () => WorkflowInstanceOrder.Input, { nullable: true, description: "Sort order." }) orderBy:
        | OrderByValue
        | null
        | undefined,
      @Args(() => ConnectionArgs) page: ConnectionArgs,
      @Ctx() ctx: Context,
    ): Promise<Page<WorkflowInstance>> {
      return listInstancesOfSubject(ctx, decodeId(idType, nodeKey), { filter, orderBy, page });
    }
  }
  return SubjectWorkflowsResolver;
}

/** Types of business objects that list the workflows about them. */
export const subjectWorkflowsResolvers = [workflowsOn(Asset, "asset"), workflowsOn(Building, "building")];

export const subjectWorkflowsModule: SubgraphModule = { resolvers: { workflows: subjectWorkflowsResolvers } };
