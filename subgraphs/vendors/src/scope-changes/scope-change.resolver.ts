import { type Context, loadById } from "@weft/api/context";
import { KeyedVersionedIdInput } from "@weft/api/inputs";
import type { Page } from "@weft/api/pages";
import { allOf, Allow, can, staff } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { loadProject } from "../projects/project.loader.js";
import { Project } from "../projects/project.type.js";
import { ProposeScopeChangeInput, ScopeChangePayload, ScopeChangesArgs, WithdrawScopeChangeInput } from "./scope-change.input.js";
import { scopeChangeLoader, scopeChangeReferences } from "./scope-change.loader.js";
import * as service from "./scope-change.service.js";
import { ScopeChange, ScopeChangeConnection, toScopeChange } from "./scope-change.type.js";

const readsScopes = allOf(staff, can("scope.read"));
const changesScopes = allOf(staff, can("scope.update"));

@Resolver(() => ScopeChange)
export class ScopeChangeResolver {
  @Query(() => ScopeChange, { nullable: true, description: "A change of the scope of a project. Errors: NOT_FOUND." })
  @Allow(readsScopes)
  scopeChange(@Arg("id", () => ID, { description: "The change." }) id: string, @Ctx() ctx: Context): Promise<ScopeChange> {
    return loadById(ctx, scopeChangeLoader, "scopeChange", id);
  }

  @Query(() => ScopeChangeConnection, {
    nullable: true,
    description: "Changes of scopes that you can see, newest first by default. Errors: BAD_USER_INPUT.",
  })
  @Allow(readsScopes)
  scopeChanges(@Args(() => ScopeChangesArgs) args: ScopeChangesArgs, @Ctx() ctx: Context): Promise<Page<ScopeChange>> {
    return service.listScopeChanges(ctx, args);
  }

  @FieldResolver(() => Project, { nullable: true, description: "The project. Null if you cannot see it." })
  @Allow(can("project.read"))
  project(@Root() { row }: ScopeChange, @Ctx() ctx: Context): Promise<Project | null> {
    return loadProject(ctx, row.projectId);
  }

  @Mutation(() => ScopeChangePayload, {
    description:
      "Proposes a change of the approved scope of a project. Its impact on the dates and the budget is computed and stored, and an approval starts with the published definition `scope-change-approval`. If it is approved, the change is made as a whole, with a new version of the scope and a new baseline. If the project, its scope, or its plan has changed in the meantime, the change becomes `STALE` instead. Errors: NOT_FOUND, BAD_USER_INPUT, CONFLICT (the scope is not approved), TRANSITION_REJECTED (new budget of a project whose workflow has ended or is suspended).",
  })
  @Allow(changesScopes)
  async proposeScopeChange(
    @Arg("input", () => ProposeScopeChangeInput, { description: "The change." }) input: ProposeScopeChangeInput,
    @Ctx() ctx: Context,
  ): Promise<ScopeChangePayload> {
    return { scopeChange: toScopeChange(await service.proposeScopeChange(ctx, input)) };
  }

  @Mutation(() => ScopeChangePayload, {
    description:
      "Computes the impact of a stale change again, and starts its approval over. Errors: NOT_FOUND, BAD_USER_INPUT, CONFLICT (another version; not stale; what it changes no longer exists), TRANSITION_REJECTED.",
  })
  @Allow(changesScopes)
  async refreshScopeChange(
    @Arg("input", () => KeyedVersionedIdInput, { description: "The change." }) input: KeyedVersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<ScopeChangePayload> {
    return { scopeChange: toScopeChange(await service.refreshScopeChange(ctx, input)) };
  }

  @Mutation(() => ScopeChangePayload, {
    description:
      "Withdraws a change that is in approval or stale. A running approval is canceled. Errors: NOT_FOUND, BAD_USER_INPUT, CONFLICT (another version; it was decided), TRANSITION_REJECTED (it was decided meanwhile).",
  })
  @Allow(changesScopes)
  async withdrawScopeChange(
    @Arg("input", () => WithdrawScopeChangeInput, { description: "The change." }) input: WithdrawScopeChangeInput,
    @Ctx() ctx: Context,
  ): Promise<ScopeChangePayload> {
    return { scopeChange: toScopeChange(await service.withdrawScopeChange(ctx, input)) };
  }
}

export const scopeChangeModule: SubgraphModule = {
  resolvers: { projects: [ScopeChangeResolver] },
  references: { ScopeChange: scopeChangeReferences },
};
