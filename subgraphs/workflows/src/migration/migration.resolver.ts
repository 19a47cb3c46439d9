import type { Context } from "@weft/api/context";
import { ConnectionArgs } from "@weft/api/pages";
import { allOf, Allow, can, RequiresRecentLogin, staff } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from "type-graphql";
import { toBulkOperation, BulkOperationPayload } from "../bulk/bulk.type.js";
import { loadInstance } from "../instances/instance.loader.js";
import type { WorkflowInstance } from "../instances/instance.type.js";
import { migrateInstances, undoMigration } from "./migrate-instances.service.js";
import { MigrateInstancesInput, PlanMigrationArgs, UndoMigrationInput } from "./migration.input.js";
import {
  MigrationPlan,
  MigrationPlanEntry,
  MigrationPlanEntryConnection,
  MigrationCompatibility,
  type EntryPage,
} from "./migration.type.js";
import { pageOfPlan, planMigration } from "./plan-migration.service.js";

@Resolver(() => MigrationPlan)
export class MigrationResolver {
  @Query(() => MigrationPlan, {
    nullable: true,
    description:
      "Previews migrating the running instances of one version to another, with the result for each. Nothing is written. Errors: NOT_FOUND, BAD_USER_INPUT (another key, not a published version, the mapping).",
  })
  @Allow(allOf(staff, can("workflow.migrate"), can("definition.read")))
  planMigration(@Args(() => PlanMigrationArgs) args: PlanMigrationArgs, @Ctx() ctx: Context): Promise<MigrationPlan> {
    return planMigration(ctx, args);
  }

  @Mutation(() => BulkOperationPayload, {
    description:
      "Migrates the running instances of one version to another, in the background and on your behalf, as planned. Incompatible instances are not changed, and their items contain the reason. Errors: REAUTH_REQUIRED, NOT_FOUND, BAD_USER_INPUT, CONFLICT (expectedTotal), LIMIT_EXCEEDED.",
  })
  @Allow(allOf(staff, can("workflow.migrate"), can("definition.read")))
  @RequiresRecentLogin()
  async migrateInstances(
    @Arg("input", () => MigrateInstancesInput) input: MigrateInstancesInput,
    @Ctx() ctx: Context,
  ): Promise<BulkOperationPayload> {
    return { operation: toBulkOperation(await migrateInstances(ctx, input)) };
  }

  @Mutation(() => BulkOperationPayload, {
    description:
      "Undoes a migration within 24 hours of its end. Instances that were not changed since are restored. Errors: NOT_FOUND, BAD_USER_INPUT (not a migration, too late, already undone), LIMIT_EXCEEDED.",
  })
  @Allow(allOf(staff, can("workflow.migrate")))
  async undoMigration(
    @Arg("input", () => UndoMigrationInput) input: UndoMigrationInput,
    @Ctx() ctx: Context,
  ): Promise<BulkOperationPayload> {
    return { operation: toBulkOperation(await undoMigration(ctx, input)) };
  }

  @FieldResolver(() => MigrationPlanEntryConnection, { description: "Results for the instances, oldest first." })
  instances(
    @Root() plan: MigrationPlan,
    @Arg("compatibility", () => MigrationCompatibility, { nullable: true, description: "Only compatible or only incompatible instances." })
    compatibility: MigrationCompatibility | null | undefined,
    @Args(() => ConnectionArgs) page: ConnectionArgs,
    @Ctx() ctx: Context,
  ): EntryPage {
    return pageOfPlan(ctx, plan, compatibility ?? null, page);
  }
}

@Resolver(() => MigrationPlanEntry)
export class MigrationPlanEntryResolver {
  @FieldResolver()
  instance(@Root() { instanceId }: MigrationPlanEntry, @Ctx() ctx: Context): Promise<WorkflowInstance | null> {
    return loadInstance(ctx, instanceId);
  }
}

export const migrationModule: SubgraphModule = { resolvers: { workflows: [MigrationResolver, MigrationPlanEntryResolver] } };
