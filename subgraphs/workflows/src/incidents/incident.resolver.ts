import { decodeId } from "@weft/shared/ids";
import { type Context, referencesEach } from "@weft/api/context";
import type { FilterValue } from "@weft/api/filters";
import { ConnectionArgs, type OrderByValue, type Page } from "@weft/api/pages";
import { Allow, can } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { loadInstance } from "../instances/instance.loader.js";
import { WorkflowInstance } from "../instances/instance.type.js";
import { ResolveIncidentInput, ResolveIncidentPayload } from "./incident.input.js";
import { IncidentFilter, IncidentOrder, listIncidents } from "./incident.list.js";
import { loadOpenIncident, loadIncident } from "./incident.loader.js";
import { readIncident, resolveIncident } from "./incident.service.js";
import { Incident, IncidentConnection } from "./incident.type.js";

@Resolver(() => Incident)
export class IncidentResolver {
  @Query(() => Incident, { nullable: true, description: "One incident. Errors: NOT_FOUND, BAD_USER_INPUT (the ID)." })
  @Allow(can("incident.read"))
  incident(@Arg("id", () => ID, { description: "ID of the incident (`inc_…`)." }) id: string, @Ctx() ctx: Context): Promise<Incident> {
    return readIncident(ctx, decodeId("incident", id));
  }

  @Query(() => IncidentConnection, {
    nullable: true,
    description:
      "Open and resolved incidents, which prevent or prevented instances from continuing automatically. Newest first by default.",
  })
  @Allow(can("incident.read"))
  incidents(
    @Arg("filter", () => IncidentFilter.Input, { nullable: true, description: "Filter." }) filter: FilterValue | null | undefined,
    @Arg("orderBy", () => IncidentOrder.Input, { nullable: true, description: "Sort order." }) orderBy: OrderByValue | null | undefined,
    @Args(() => ConnectionArgs) page: ConnectionArgs,
    @Ctx() ctx: Context,
  ): Promise<Page<Incident>> {
    return listIncidents(ctx, { filter, orderBy, page });
  }

  @Mutation(() => ResolveIncidentPayload, {
    description:
      "Resolves an incident by deciding how the stopped instance continues. Errors: NOT_FOUND, FORBIDDEN (FIRE and CANCEL require additional permissions), CONFLICT, TRANSITION_REJECTED (already resolved; still failing; every reason against a FIRE), BAD_USER_INPUT (transition, comment, input).",
  })
  @Allow(can("incident.resolve"))
  resolveIncident(
    @Arg("input", () => ResolveIncidentInput) input: ResolveIncidentInput,
    @Ctx() ctx: Context,
  ): Promise<ResolveIncidentPayload> {
    return resolveIncident(ctx, input);
  }

  @FieldResolver(() => WorkflowInstance)
  instance(@Root() { instanceId }: Incident, @Ctx() ctx: Context): Promise<WorkflowInstance | null> {
    return loadInstance(ctx, instanceId);
  }
}

@Resolver(() => WorkflowInstance)
export class WorkflowInstanceIncidentResolver {
  @FieldResolver(() => Incident, {
    nullable: true,
    description:
      "The open incident of an instance with the status FAILED. Null if the instance is running, or if you cannot read incidents.",
  })
  incident(@Root() { head }: WorkflowInstance, @Ctx() ctx: Context): Promise<Incident | null> {
    return loadOpenIncident(ctx, head);
  }
}

export const incidentModule: SubgraphModule = {
  resolvers: { workflows: [IncidentResolver, WorkflowInstanceIncidentResolver] },
  references: { Incident: referencesEach(loadIncident) },
};
