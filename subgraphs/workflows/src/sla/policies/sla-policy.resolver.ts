import { decodeId } from "@weft/shared/ids";
import { type Context, referencesEach } from "@weft/api/context";
import { SizedBy } from "@weft/api/cost";
import type { FilterValue } from "@weft/api/filters";
import { ConnectionArgs, type OrderByValue, type Page } from "@weft/api/pages";
import { Allow, canInTenant } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, Directive, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from "type-graphql";
import { listChanges, listRecomputations } from "../recomputations/recomputation.list.js";
import { readRecomputation } from "../recomputations/recomputation.service.js";
import {
  SlaClockChangeConnection,
  SlaPreview,
  SlaRecomputation,
  SlaRecomputationConnection,
  type SlaClockChange,
} from "../recomputations/recomputation.type.js";
import { RequestType } from "../../subjects/subject.type.js";
import { MAX_PREVIEWED, previewSlaPolicy } from "./preview.service.js";
import { SlaPolicyFilter, SlaPolicyOrder, listPolicies } from "./sla-policy.list.js";
import { loadPoliciesOfType, loadPolicyVersions, loadSlaPolicy } from "./sla-policy.loader.js";
import { createSlaPolicy, deleteSlaPolicy, readSlaPolicy, updateSlaPolicy } from "./sla-policy.service.js";
import {
  CreateSlaPolicyInput,
  DeleteSlaPolicyInput,
  PreviewSlaPolicyInput,
  UpdateSlaPolicyInput,
  SlaPolicy,
  SlaPolicyConnection,
  SlaPolicyVersion,
} from "./sla-policy.type.js";
import { DeleteSlaPolicyPayload, SlaPolicyPayload } from "./sla-policy-payload.type.js";

const PREVIEWED = 100;

@Resolver(() => SlaPolicy)
export class SlaPolicyResolver {
  @Query(() => SlaPolicy, {
    nullable: true,
    description: "One SLA policy, also if it was deleted. Errors: NOT_FOUND, BAD_USER_INPUT (the ID).",
  })
  @Allow(canInTenant("sla.read"))
  slaPolicy(@Arg("id", () => ID, { description: "ID of the policy (`slp_…`)." }) id: string, @Ctx() ctx: Context): Promise<SlaPolicy> {
    return readSlaPolicy(ctx, decodeId("slaPolicy", id));
  }

  @Query(() => SlaPolicyConnection, { nullable: true, description: "SLA policies, in the order in which they are tried by default." })
  @Allow(canInTenant("sla.read"))
  slaPolicies(
    @Arg("filter", () => SlaPolicyFilter.Input, { nullable: true, description: "Filter." }) filter: FilterValue | null | undefined,
    @Arg("orderBy", () => SlaPolicyOrder.Input, { nullable: true, description: "Sort order." }) orderBy: OrderByValue | null | undefined,
    @Args(() => ConnectionArgs) page: ConnectionArgs,
    @Ctx() ctx: Context,
  ): Promise<Page<SlaPolicy>> {
    return listPolicies(ctx, { filter, orderBy, page });
  }

  @Query(() => SlaPreview, {
    nullable: true,
    description:
      "Returns what creating, changing, or deleting an SLA policy would do to open clocks. Nothing is written. Errors: NOT_FOUND, BAD_USER_INPUT.",
  })
  @Allow(canInTenant("sla.manage"))
  @SizedBy({ by: ["first"], initial: PREVIEWED, maximum: MAX_PREVIEWED, fields: ["changes"] })
  previewSlaPolicy(
    @Arg("input", () => PreviewSlaPolicyInput) input: PreviewSlaPolicyInput,
    @Arg("first", () => Int, { nullable: true, description: "Number of instances whose clocks are examined, 1 to 500 (default 100)." })
    first: number | null | undefined,
    @Arg("cursor", () => String, { nullable: true, description: "`nextCursor` of the previous page." }) cursor: string | null | undefined,
    @Ctx() ctx: Context,
  ): Promise<SlaPreview> {
    return previewSlaPolicy(ctx, input, { first: first ?? PREVIEWED, cursor });
  }

  @Mutation(() => SlaPolicyPayload, {
    description:
      "Creates an SLA policy. New clocks use it at once; open clocks are recomputed in the background. Errors: CONFLICT (the key), BAD_USER_INPUT.",
  })
  @Allow(canInTenant("sla.manage"))
  createSlaPolicy(@Arg("input", () => CreateSlaPolicyInput) input: CreateSlaPolicyInput, @Ctx() ctx: Context): Promise<SlaPolicyPayload> {
    return createSlaPolicy(ctx, input);
  }

  @Mutation(() => SlaPolicyPayload, {
    description:
      "Updates an SLA policy. New clocks use it at once; open clocks are recomputed in the background. Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT.",
  })
  @Allow(canInTenant("sla.manage"))
  updateSlaPolicy(@Arg("input", () => UpdateSlaPolicyInput) input: UpdateSlaPolicyInput, @Ctx() ctx: Context): Promise<SlaPolicyPayload> {
    return updateSlaPolicy(ctx, input);
  }

  @Mutation(() => DeleteSlaPolicyPayload, {
    description:
      "Deletes an SLA policy. Its versions stay readable; open clocks are recomputed in the background. Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT.",
  })
  @Allow(canInTenant("sla.manage"))
  async deleteSlaPolicy(
    @Arg("input", () => DeleteSlaPolicyInput) input: DeleteSlaPolicyInput,
    @Ctx() ctx: Context,
  ): Promise<DeleteSlaPolicyPayload> {
    const { policy, recomputation } = await deleteSlaPolicy(ctx, input);
    return { policyId: policy.id, recomputation };
  }

  @FieldResolver(() => [SlaPolicyVersion])
  versions(@Root() { id }: SlaPolicy, @Ctx() ctx: Context): Promise<SlaPolicyVersion[]> {
    return loadPolicyVersions(ctx, decodeId("slaPolicy", id));
  }
}

@Resolver(() => RequestType)
export class RequestTypeSlaResolver {
  @FieldResolver(() => [SlaPolicy], {
    nullable: true,
    description:
      "SLA policies that concern requests of the type, in the order in which they are tried: its own, and those of its definition or of all work. Create one with `requestType` in `createSlaPolicy`. Null with an error if access is refused or the workflows service is unavailable.",
  })
  @Directive('@requires(fields: "id")')
  @Allow(canInTenant("sla.read"))
  slaPolicies(@Root() { nodeKey }: RequestType, @Ctx() ctx: Context): Promise<SlaPolicy[]> {
    return loadPoliciesOfType(ctx, decodeId("requestType", nodeKey));
  }
}

@Resolver(() => SlaRecomputation)
export class SlaRecomputationResolver {
  @Query(() => SlaRecomputation, {
    nullable: true,
    description: "One recomputation of SLA clocks. Errors: NOT_FOUND, BAD_USER_INPUT (the ID).",
  })
  @Allow(canInTenant("sla.read"))
  slaRecomputation(
    @Arg("id", () => ID, { description: "ID of the recomputation (`slr_…`)." }) id: string,
    @Ctx() ctx: Context,
  ): Promise<SlaRecomputation> {
    return ctx.read((tx) => readRecomputation(tx, decodeId("slaRecomputation", id)));
  }

  @Query(() => SlaRecomputationConnection, { nullable: true, description: "Recomputations of SLA clocks, newest first." })
  @Allow(canInTenant("sla.read"))
  slaRecomputations(@Args(() => ConnectionArgs) page: ConnectionArgs, @Ctx() ctx: Context): Promise<Page<SlaRecomputation>> {
    return listRecomputations(ctx, page);
  }

  @FieldResolver(() => SlaClockChangeConnection)
  changes(
    @Root() { uuid }: SlaRecomputation,
    @Args(() => ConnectionArgs) page: ConnectionArgs,
    @Ctx() ctx: Context,
  ): Promise<Page<SlaClockChange>> {
    return listChanges(ctx, uuid, page);
  }
}

export const slaPolicyModule: SubgraphModule = {
  resolvers: { deadlines: [SlaPolicyResolver, RequestTypeSlaResolver, SlaRecomputationResolver] },
  references: { SlaPolicy: referencesEach(loadSlaPolicy) },
};
