import { Allow, ConnectionArgs, allOf, can, staff, type Context } from "@weft/shared";
import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from "type-graphql";
import { toBulkOperation } from "../bulk/bulk.type.js";
import { loadInstance } from "../instances/instance.loader.js";
import type { WorkflowInstance } from "../instances/instance.type.js";
import { migrateInstances, undoMigration } from "./migrate-instances.service.js";
import {
  MigrateInstancesInput,
  MigrateInstancesPayload,
  PlanMigrationArgs,
  UndoMigrationInput,
  UndoMigrationPayload,
} from "./migration.input.js";
import { MigrationPlan, MigrationPlanEntry, MigrationPlanEntryConnection, MigrationVerdict, type EntryPage } from "./migration.type.js";
import { pageOfPlan, planMigration } from "./plan-migration.service.js";

@Resolver(() => MigrationPlan)
export class MigrationResolver {
  @Query(() => MigrationPlan, {
    nullable: true,
    description:
      "What moving the running instances of a version to another would do to each of them; nothing is written. Errors: NOT_FOUND, BAD_USER_INPUT (another key, no published version, the mapping).",
  })
  @Allow(allOf(staff, can("workflow.migrate"), can("definition.read")))
  planMigration(@Args(() => PlanMigrationArgs) args: PlanMigrationArgs, @Ctx() ctx: Context): Promise<MigrationPlan> {
    return planMigration(ctx, args);
  }

  @Mutation(() => MigrateInstancesPayload, {
    description:
      "Moves the running instances of a version to another, in the background and as you: each as its plan says. One that does not fit stays as it is, and its item says why. Errors: NOT_FOUND, BAD_USER_INPUT, CONFLICT (expectedTotal), LIMIT_EXCEEDED.",
  })
  @Allow(allOf(staff, can("workflow.migrate"), can("definition.read")))
  async migrateInstances(
    @Arg("input", () => MigrateInstancesInput) input: MigrateInstancesInput,
    @Ctx() ctx: Context,
  ): Promise<MigrateInstancesPayload> {
    return { operation: toBulkOperation(await migrateInstances(ctx, input)) };
  }

  @Mutation(() => UndoMigrationPayload, {
    description:
      "Takes a migration back, within 24 hours of its end: the instances that nobody has touched since stand as they stood. Errors: NOT_FOUND, BAD_USER_INPUT (no migration, too late, taken back already), LIMIT_EXCEEDED.",
  })
  @Allow(allOf(staff, can("workflow.migrate")))
  async undoMigration(
    @Arg("input", () => UndoMigrationInput) input: UndoMigrationInput,
    @Ctx() ctx: Context,
  ): Promise<UndoMigrationPayload> {
    return { operation: toBulkOperation(await undoMigration(ctx, input)) };
  }

  @FieldResolver(() => MigrationPlanEntryConnection, { description: "Each instance with what would become of it, from the oldest on." })
  instances(
    @Root() plan: MigrationPlan,
    @Arg("only", () => MigrationVerdict, { nullable: true, description: "Only those that fit, or that break." }) only:
      | MigrationVerdict
      | null
      | undefined,
    @Args(() => ConnectionArgs) page: ConnectionArgs,
    @Ctx() ctx: Context,
  ): EntryPage {
    return pageOfPlan(ctx, plan, only ?? null, page);
  }
}

@Resolver(() => MigrationPlanEntry)
export class MigrationPlanEntryResolver {
  @FieldResolver()
  instance(@Root() { instanceId }: MigrationPlanEntry, @Ctx() ctx: Context): Promise<WorkflowInstance | null> {
    return loadInstance(ctx, instanceId);
  }
}
