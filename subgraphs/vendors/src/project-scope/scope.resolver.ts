import { diffDocuments } from "@weft/engine";
import { BadUserInput } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { DeletePayload, KeyedVersionedIdInput, VersionedIdInput } from "@weft/api/inputs";
import { allOf, Allow, can, inherit, staff } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, FieldResolver, Int, Mutation, Resolver, Root } from "type-graphql";
import { Project } from "../projects/project.type.js";
import { createScopeItem, deleteScopeItem, updateScopeItem } from "./scope-item.service.js";
import { ScopeItem, toScopeItem, CreateScopeItemInput, ScopeItemPayload, UpdateScopeItemInput } from "./scope-item.type.js";
import { toDifference } from "./scope-difference.js";
import { approveScope } from "./scope-version.service.js";
import { ScopeDifference, ScopeVersion, toScopeVersion, ScopeVersionPayload } from "./scope-version.type.js";
import { loadScopeInForce, loadScopeItems, loadScopeVersions } from "./scope.loader.js";

const readsScopes = allOf(staff, can("scope.read"));
const changesScopes = allOf(staff, can("scope.update"));
const unlessReached = "Null if your permission does not reach the scope of the project.";

/** Fields that the scope adds to projects. */
@Resolver(() => Project)
export class ProjectScopeResolver {
  @FieldResolver(() => [ScopeItem], {
    nullable: true,
    description: `What the project is to deliver, the oldest items first. ${unlessReached}`,
  })
  @Allow(readsScopes)
  scopeItems(@Root() { id }: Project, @Ctx() ctx: Context): Promise<readonly ScopeItem[] | null> {
    return loadScopeItems(ctx, decodeId("project", id));
  }

  @FieldResolver(() => ScopeVersion, { nullable: true, description: `The approved scope. Null until it is approved. ${unlessReached}` })
  @Allow(readsScopes)
  scopeVersion(@Root() { id }: Project, @Ctx() ctx: Context): Promise<ScopeVersion | null> {
    return loadScopeInForce(ctx, decodeId("project", id));
  }

  @FieldResolver(() => [ScopeVersion], {
    nullable: true,
    description: `All approved versions of the scope, newest first. ${unlessReached}`,
  })
  @Allow(readsScopes)
  scopeVersions(@Root() { id }: Project, @Ctx() ctx: Context): Promise<readonly ScopeVersion[] | null> {
    return loadScopeVersions(ctx, decodeId("project", id));
  }

  @Mutation(() => ScopeItemPayload, {
    description:
      "Adds an item to the scope of a project, until the scope is approved. Errors: NOT_FOUND, BAD_USER_INPUT, CONFLICT (the scope is approved: see `proposeScopeChange`).",
  })
  @Allow(changesScopes)
  async createScopeItem(
    @Arg("input", () => CreateScopeItemInput, { description: "The item." }) input: CreateScopeItemInput,
    @Ctx() ctx: Context,
  ): Promise<ScopeItemPayload> {
    return { scopeItem: toScopeItem(await createScopeItem(ctx, input)) };
  }

  @Mutation(() => ScopeItemPayload, {
    description:
      "Changes a scope item. After the scope is approved, only the status can be changed. Errors: NOT_FOUND, BAD_USER_INPUT, CONFLICT (another version; the scope is approved: see `proposeScopeChange`).",
  })
  @Allow(changesScopes)
  async updateScopeItem(
    @Arg("input", () => UpdateScopeItemInput, { description: "The changes." }) input: UpdateScopeItemInput,
    @Ctx() ctx: Context,
  ): Promise<ScopeItemPayload> {
    return { scopeItem: toScopeItem(await updateScopeItem(ctx, input)) };
  }

  @Mutation(() => DeletePayload, {
    description:
      "Removes an item from the scope of a project, until the scope is approved. Errors: NOT_FOUND, CONFLICT (another version; the scope is approved: see `proposeScopeChange`).",
  })
  @Allow(changesScopes)
  async deleteScopeItem(
    @Arg("input", () => VersionedIdInput, { description: "The item." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<DeletePayload> {
    await deleteScopeItem(ctx, input);
    return { id: input.id };
  }

  @Mutation(() => ScopeVersionPayload, {
    description:
      "Approves the scope of a project as its first version, with the days and the budget of the project. From then on, `proposeScopeChange` changes it. Errors: NOT_FOUND, BAD_USER_INPUT (no items), CONFLICT (approved before; another version of the project).",
  })
  @Allow(allOf(staff, can("scope.approve")))
  async approveScope(
    @Arg("input", () => KeyedVersionedIdInput, { description: "The project." }) input: KeyedVersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<ScopeVersionPayload> {
    return { scopeVersion: toScopeVersion(await approveScope(ctx, input)) };
  }
}

@Resolver(() => ScopeVersion)
export class ScopeVersionResolver {
  @FieldResolver(() => [ScopeDifference], {
    description: "Differences from another version. Empty if there is no earlier one. Errors: BAD_USER_INPUT.",
  })
  @Allow(inherit)
  async changesSince(
    @Root() { projectId, content, number: ownNumber }: ScopeVersion,
    @Arg("number", () => Int, { nullable: true, description: "Number of the other version. Default: the one before." }) number:
      | number
      | null,
    @Ctx() ctx: Context,
  ): Promise<ScopeDifference[]> {
    const wanted = typeof number === "number" ? number : ownNumber - 1;
    const since = (await loadScopeVersions(ctx, projectId))?.find((version) => version.number === wanted);
    if (!since && typeof number !== "number") return [];
    if (!since) throw new BadUserInput([{ path: "number", message: `The scope has no version ${wanted}.` }]);
    return diffDocuments(since.content, content).map(toDifference);
  }
}

export const projectScopeModule: SubgraphModule = { resolvers: { projects: [ProjectScopeResolver, ScopeVersionResolver] } };
