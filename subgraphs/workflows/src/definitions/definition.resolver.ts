import { decodeId } from "@weft/shared/ids";
import { type Context, referencesEach } from "@weft/api/context";
import type { FilterValue } from "@weft/api/filters";
import { DeletePayload, KeyedVersionedIdInput } from "@weft/api/inputs";
import { ConnectionArgs, type OrderByValue, type Page } from "@weft/api/pages";
import { Allow, can, canInTenant, RequiresRecentLogin } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { cloneDefinition } from "./life-cycle/clone-definition.service.js";
import {
  CloneDefinitionInput,
  CreateDefinitionInput,
  PromoteDefinitionInput,
  PublishDefinitionInput,
  UpdateDefinitionInput,
} from "./definition.input.js";
import { DefinitionFilter, DefinitionOrder, listDefinitions, listVersions } from "./definition.list.js";
import { loadDefinition, loadDefinitionText } from "./definition.loader.js";
import { createDefinition, publishDefinition, readDefinition, validateDefinition } from "./definition.service.js";
import { Definition, DefinitionConnection, DefinitionFormat, DefinitionValidation, DefinitionPayload } from "./definition.type.js";
import { promoteDefinition } from "./life-cycle/promote-definition.service.js";
import { deprecateDefinition, retireDefinition } from "./life-cycle/retire-definition.service.js";
import { deleteDefinition, updateDefinition } from "./life-cycle/update-definition.service.js";

@Resolver(() => Definition)
export class DefinitionResolver {
  @Query(() => Definition, { nullable: true, description: "One version of a definition. Errors: NOT_FOUND, BAD_USER_INPUT (the ID)." })
  @Allow(can("definition.read"))
  definition(@Arg("id", () => ID, { description: "ID of the version (`wfd_…`)." }) id: string, @Ctx() ctx: Context): Promise<Definition> {
    return readDefinition(ctx, decodeId("definition", id));
  }

  @Query(() => DefinitionConnection, {
    nullable: true,
    description: "All versions of all definitions, newest first by default.",
  })
  @Allow(can("definition.read"))
  definitions(
    @Arg("filter", () => DefinitionFilter.Input, { nullable: true, description: "Filter." }) filter: FilterValue | null | undefined,
    @Arg("orderBy", () => DefinitionOrder.Input, { nullable: true, description: "Sort order." }) orderBy: OrderByValue | null | undefined,
    @Args(() => ConnectionArgs) page: ConnectionArgs,
    @Ctx() ctx: Context,
  ): Promise<Page<Definition>> {
    return listDefinitions(ctx, { filter, orderBy, page });
  }

  @Query(() => DefinitionConnection, {
    nullable: true,
    description: "The versions of one definition, newest first. Empty if no definition has the key.",
  })
  @Allow(can("definition.read"))
  definitionVersions(
    @Arg("key", () => String, { description: "Key of the definition." }) key: string,
    @Args(() => ConnectionArgs) page: ConnectionArgs,
    @Ctx() ctx: Context,
  ): Promise<Page<Definition>> {
    return listVersions(ctx, key, page);
  }

  @FieldResolver()
  async source(@Root() definition: Definition, @Ctx() ctx: Context): Promise<string> {
    return (await loadDefinitionText(ctx, definition)).source;
  }

  @FieldResolver()
  async original(@Root() definition: Definition, @Ctx() ctx: Context): Promise<string | null> {
    return (await loadDefinitionText(ctx, definition)).original;
  }

  @FieldResolver()
  async document(@Root() definition: Definition, @Ctx() ctx: Context): Promise<Record<string, unknown>> {
    return (await loadDefinitionText(ctx, definition)).document;
  }

  @FieldResolver()
  parent(@Root() { parentId }: Definition, @Ctx() ctx: Context): Promise<Definition | null> | null {
    return parentId === null ? null : loadDefinition(ctx, parentId);
  }

  @Query(() => DefinitionValidation, {
    nullable: true,
    description:
      "Validates source without saving it, and returns all problems at once, with line and column. To run its scenarios as well, use `runScenarios`.",
  })
  @Allow(can("definition.read"))
  validateDefinition(
    @Arg("source", () => String, {
      description: "YAML or JSON text, at most 1 MB, in Weft's own format or in the short form of automations.",
    })
    source: string,
    @Arg("format", () => DefinitionFormat, { nullable: true, description: "Detected if omitted: source that begins with `{` is JSON." })
    format: DefinitionFormat | null | undefined,
    @Ctx() ctx: Context,
  ): Promise<DefinitionValidation> {
    return validateDefinition(ctx, source, format);
  }

  @Mutation(() => DefinitionPayload, {
    description:
      "Saves source as the next draft of its key. Errors: DEFINITION_INVALID (every problem with its line), CONFLICT, LIMIT_EXCEEDED.",
  })
  @Allow(canInTenant("definition.create"))
  async createDefinition(
    @Arg("input", () => CreateDefinitionInput) input: CreateDefinitionInput,
    @Ctx() ctx: Context,
  ): Promise<DefinitionPayload> {
    return { definition: await createDefinition(ctx, input) };
  }

  @Mutation(() => DefinitionPayload, {
    description:
      "Publishes a draft, which makes it immutable. New instances of its key use it. Errors: REAUTH_REQUIRED, NOT_FOUND, CONFLICT, DEFINITION_INVALID (problems, warnings not accepted, failing scenarios), BAD_USER_INPUT (not a draft, an environment other than DEV while `security.publishToDevOnly` is on), FORBIDDEN (you are one of its authors and `security.fourEyesPublishing` is on). Also FORBIDDEN: it calls integrations that the published version does not call, and you do not have `integration.manage` in the whole tenant; or its steps read secrets, and you do not have `secret.use` in the whole tenant.",
  })
  @Allow(canInTenant("definition.publish"))
  @RequiresRecentLogin()
  async publishDefinition(
    @Arg("input", () => PublishDefinitionInput) input: PublishDefinitionInput,
    @Ctx() ctx: Context,
  ): Promise<DefinitionPayload> {
    return { definition: await publishDefinition(ctx, input) };
  }

  @Mutation(() => DefinitionPayload, {
    description:
      "Updates a draft, or sets the tags of any version. Errors: NOT_FOUND, CONFLICT, DEFINITION_INVALID, BAD_USER_INPUT (published, another key).",
  })
  @Allow(canInTenant("definition.create"))
  async updateDefinition(
    @Arg("input", () => UpdateDefinitionInput) input: UpdateDefinitionInput,
    @Ctx() ctx: Context,
  ): Promise<DefinitionPayload> {
    return { definition: await updateDefinition(ctx, input) };
  }

  @Mutation(() => DeletePayload, {
    description:
      "Deletes a draft. If it was the last version of a key, the key becomes available again. Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT (not a draft).",
  })
  @Allow(canInTenant("definition.create"))
  async deleteDefinition(
    @Arg("input", () => KeyedVersionedIdInput, { description: "ID of the draft (`wfd_…`)." }) input: KeyedVersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<DeletePayload> {
    return { id: await deleteDefinition(ctx, input) };
  }

  @Mutation(() => DefinitionPayload, {
    description:
      "Creates a draft from any version: the next one of its key, or the first one of another key. Errors: NOT_FOUND, BAD_USER_INPUT (the new key), DEFINITION_INVALID, LIMIT_EXCEEDED.",
  })
  @Allow(canInTenant("definition.create"))
  async cloneDefinition(
    @Arg("input", () => CloneDefinitionInput) input: CloneDefinitionInput,
    @Ctx() ctx: Context,
  ): Promise<DefinitionPayload> {
    return { definition: await cloneDefinition(ctx, input) };
  }

  @Mutation(() => DefinitionPayload, {
    description:
      "Promotes a published version to the next environment. Errors: REAUTH_REQUIRED, NOT_FOUND, CONFLICT, DEFINITION_INVALID, BAD_USER_INPUT (not published, already there, not yet in the previous environment), FORBIDDEN (as for `publishDefinition`, compared with the version that is published in that environment).",
  })
  @Allow(canInTenant("definition.publish"))
  @RequiresRecentLogin()
  async promoteDefinition(
    @Arg("input", () => PromoteDefinitionInput) input: PromoteDefinitionInput,
    @Ctx() ctx: Context,
  ): Promise<DefinitionPayload> {
    return { definition: await promoteDefinition(ctx, input) };
  }

  @Mutation(() => DefinitionPayload, {
    description:
      "Deprecates a published version. New instances use it only if its key has no published version. Errors: REAUTH_REQUIRED, NOT_FOUND, CONFLICT, BAD_USER_INPUT (not published).",
  })
  @Allow(canInTenant("definition.publish"))
  @RequiresRecentLogin()
  async deprecateDefinition(
    @Arg("input", () => KeyedVersionedIdInput, { description: "ID of the version (`wfd_…`)." }) input: KeyedVersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<DefinitionPayload> {
    return { definition: await deprecateDefinition(ctx, input) };
  }

  @Mutation(() => DefinitionPayload, {
    description:
      "Retires a version. New instances cannot use it; running instances continue. Errors: REAUTH_REQUIRED, NOT_FOUND, CONFLICT, BAD_USER_INPUT (a draft, already retired).",
  })
  @Allow(canInTenant("definition.publish"))
  @RequiresRecentLogin()
  async retireDefinition(
    @Arg("input", () => KeyedVersionedIdInput, { description: "ID of the version (`wfd_…`)." }) input: KeyedVersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<DefinitionPayload> {
    return { definition: await retireDefinition(ctx, input) };
  }
}

export const definitionModule: SubgraphModule = {
  resolvers: { definitions: [DefinitionResolver] },
  references: { Definition: referencesEach(loadDefinition) },
};
