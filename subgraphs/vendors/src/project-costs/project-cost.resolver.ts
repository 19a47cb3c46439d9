import { vendors as tables } from "@weft/drizzle";
import { decodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { ConnectionArgs, keysetPage, nestedRows, type Order, type Page } from "@weft/api/pages";
import { allOf, Allow, can, staff } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import { contractLoader } from "../contracts/contract.loader.js";
import { Contract } from "../contracts/contract.type.js";
import { Money, toMoney } from "../money/money.type.js";
import { loadProject } from "../projects/project.loader.js";
import { Project } from "../projects/project.type.js";
import { loadVendor } from "../vendors/vendor.loader.js";
import { Vendor } from "../vendors/vendor.type.js";
import { ProjectCostPayload, VoidProjectCostInput } from "./project-cost.input.js";
import { loadCostsOfProject, loadSpent } from "./project-cost.loader.js";
import * as service from "./project-cost.service.js";
import { countCosts, listCostsOfProjects, type ProjectCostRow } from "./project-cost.store.js";
import {
  ContractSpend,
  ProjectCost,
  ProjectCostConnection,
  toProjectCost,
  CorrectProjectCostInput,
  RecordProjectCostInput,
} from "./project-cost.type.js";

const { projectCosts } = tables;

const newestFirst: Order<ProjectCostRow> = {
  name: "SPENT_ON",
  direction: "DESC",
  column: projectCosts.spentOn,
  valueOf: (row) => row.spentOn,
};

const mayChange = allOf(staff, can("project.update"));

@Resolver(() => ProjectCost)
export class ProjectCostResolver {
  @FieldResolver(() => Vendor, { nullable: true, description: "Vendor that was paid. Null if there is none, or you cannot see it." })
  @Allow(can("vendor.read"))
  async vendor(@Root() { row }: ProjectCost, @Ctx() ctx: Context): Promise<Vendor | null> {
    return row.vendorId === null ? null : loadVendor(ctx, row.vendorId);
  }

  @FieldResolver(() => Contract, {
    nullable: true,
    description: "Contract under which it was spent. Null if there is none, or you cannot see it.",
  })
  @Allow(can("contract.read"))
  async contract(@Root() { row }: ProjectCost, @Ctx() ctx: Context): Promise<Contract | null> {
    return row.contractId === null ? null : contractLoader(ctx).load(row.contractId);
  }

  @Mutation(() => ProjectCostPayload, {
    description:
      "Records money that was spent on a project. Errors: BAD_USER_INPUT (unknown project, vendor, or contract; another currency), CONFLICT (idempotency key).",
  })
  @Allow(mayChange)
  async recordProjectCost(
    @Arg("input", () => RecordProjectCostInput, { description: "The cost." }) input: RecordProjectCostInput,
    @Ctx() ctx: Context,
  ): Promise<ProjectCostPayload> {
    return payloadOf(ctx, await service.recordProjectCost(ctx, input));
  }

  @Mutation(() => ProjectCostPayload, {
    description:
      "Voids a wrong cost and records the correct one. Errors: NOT_FOUND, BAD_USER_INPUT, CONFLICT (another version, voided already, idempotency key).",
  })
  @Allow(mayChange)
  async correctProjectCost(
    @Arg("input", () => CorrectProjectCostInput, { description: "The correct values." }) input: CorrectProjectCostInput,
    @Ctx() ctx: Context,
  ): Promise<ProjectCostPayload> {
    return payloadOf(ctx, await service.correctProjectCost(ctx, input));
  }

  @Mutation(() => ProjectCostPayload, {
    description:
      "Voids a cost, so that it no longer counts. Errors: NOT_FOUND, BAD_USER_INPUT, CONFLICT (another version, or voided already).",
  })
  @Allow(mayChange)
  async voidProjectCost(
    @Arg("input", () => VoidProjectCostInput, { description: "The cost, and the reason." }) input: VoidProjectCostInput,
    @Ctx() ctx: Context,
  ): Promise<ProjectCostPayload> {
    return payloadOf(ctx, await service.voidProjectCost(ctx, input));
  }
}

const payloadOf = async (ctx: Context, row: ProjectCostRow): Promise<ProjectCostPayload> => ({
  cost: toProjectCost(row),
  project: await loadProject(ctx, row.projectId),
});

@Resolver(() => Project)
export class ProjectCostsResolver {
  @FieldResolver(() => Money, {
    nullable: true,
    description: "Sum of the costs that were not voided. Null if there are no costs and no budget. Only for users of the organization.",
  })
  @Allow(staff)
  async actual(@Root() { id, budget }: Project, @Ctx() ctx: Context): Promise<Money | null> {
    const sum = await loadCostsOfProject(ctx, decodeId("project", id));
    return sum === null ? toMoney(0, budget?.currency ?? null) : toMoney(sum.amount, sum.currency);
  }

  @FieldResolver(() => Money, {
    nullable: true,
    description: "Budget without the costs. Negative if more was spent. Null if there is no budget. Only for users of the organization.",
  })
  @Allow(staff)
  async budgetRemaining(@Root() { id, budget }: Project, @Ctx() ctx: Context): Promise<Money | null> {
    if (budget === null) return null;
    const sum = await loadCostsOfProject(ctx, decodeId("project", id));
    return toMoney(budget.amount - (sum?.amount ?? 0), budget.currency);
  }

  @FieldResolver(() => ProjectCostConnection, {
    nullable: true,
    description: "Costs, those that were spent last first. Only for users of the organization.",
  })
  @Allow(staff)
  costs(
    @Root() { id }: Project,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Arg("includeVoided", () => Boolean, { defaultValue: false, description: "Whether voided costs are included." }) includeVoided: boolean,
    @Ctx() ctx: Context,
  ): Promise<Page<ProjectCost>> {
    const projectId = decodeId("project", id);
    return keysetPage<ProjectCostRow, ProjectCost>(ctx, {
      args,
      list: `project.costs ${projectId}`,
      orderBy: newestFirst,
      id: { column: projectCosts.id, valueOf: (row) => row.id },
      fetch: (slice) =>
        nestedRows(ctx, {
          name: `project.costs ${includeVoided}`,
          args,
          parentId: projectId,
          slice,
          select: (tx, ids) => listCostsOfProjects(tx, ids, slice, includeVoided),
          parentOf: (row) => row.projectId,
        }),
      count: () => ctx.read((tx) => countCosts(tx, projectId, includeVoided)),
      toNode: toProjectCost,
    });
  }
}

@Resolver(() => Contract)
export class ContractSpendResolver {
  @FieldResolver(() => ContractSpend, {
    nullable: true,
    description: "What was spent under the contract, and what is left of its amount. Only for users of the organization.",
  })
  @Allow(staff)
  async spend(@Root() { row }: Contract, @Ctx() ctx: Context): Promise<ContractSpend> {
    const { currency } = row;
    const spent = await loadSpent(ctx, row.id, currency);
    return Object.assign(new ContractSpend(), {
      spent: Object.assign(new Money(), { amount: spent, currency }),
      remaining: Object.assign(new Money(), { amount: row.amount - spent, currency }),
    });
  }
}

export const contractSpendModule: SubgraphModule = {
  resolvers: { contracts: [ContractSpendResolver], projects: [ProjectCostResolver, ProjectCostsResolver] },
};
