import {
  Allow,
  ConnectionArgs,
  can,
  canInTenant,
  decodeId,
  type Context,
  type FilterValue,
  type OrderByValue,
  type Page,
} from "@weft/shared";
import { Arg, Args, Ctx, ID, Mutation, Query, Resolver } from "type-graphql";
import { CreateDefinitionInput, CreateDefinitionPayload, PublishDefinitionInput, PublishDefinitionPayload } from "./definition.input.js";
import { DefinitionFilter, DefinitionOrder, listDefinitions } from "./definition.list.js";
import { checkDefinition, createDefinition, publishDefinition, readDefinition } from "./definition.service.js";
import { Definition, DefinitionConnection, DefinitionFormat, DefinitionValidation } from "./definition.type.js";

@Resolver(() => Definition)
export class DefinitionResolver {
  @Query(() => Definition, { nullable: true, description: "One version of a definition. Errors: NOT_FOUND, BAD_USER_INPUT (the id)." })
  @Allow(can("definition.read"))
  definition(@Arg("id", () => ID) id: string, @Ctx() ctx: Context): Promise<Definition> {
    return readDefinition(ctx, decodeId("definition", id));
  }

  @Query(() => DefinitionConnection, {
    nullable: true,
    description: "All versions of all definitions; newest first unless told otherwise.",
  })
  @Allow(can("definition.read"))
  definitions(
    @Arg("filter", () => DefinitionFilter.Input, { nullable: true }) filter: FilterValue | null | undefined,
    @Arg("orderBy", () => DefinitionOrder.Input, { nullable: true }) orderBy: OrderByValue | null | undefined,
    @Args(() => ConnectionArgs) page: ConnectionArgs,
    @Ctx() ctx: Context,
  ): Promise<Page<Definition>> {
    return listDefinitions(ctx, { filter, orderBy, page });
  }

  @Query(() => DefinitionValidation, {
    nullable: true,
    description: "Checks a text without saving it: every problem at once, for YAML and JSON with line and column.",
  })
  @Allow(can("definition.read"))
  async validateDefinition(
    @Arg("source", () => String, { description: "YAML or JSON text, at most 1 MB." }) source: string,
    @Arg("format", () => DefinitionFormat, { nullable: true, description: "Guessed when absent: a text that begins with `{` is JSON." })
    format: DefinitionFormat | null | undefined,
    @Ctx() ctx: Context,
  ): Promise<DefinitionValidation> {
    const { problems } = await checkDefinition(ctx, source, format);
    return {
      isValid: problems.length === 0,
      problems: problems.map((one) => ({ ...one, line: one.line ?? null, column: one.column ?? null })),
    };
  }

  @Mutation(() => CreateDefinitionPayload, {
    description:
      "Saves a text as the next draft of its key. Errors: DEFINITION_INVALID (every problem with its line), CONFLICT, LIMIT_EXCEEDED.",
  })
  @Allow(canInTenant("definition.create"))
  async createDefinition(
    @Arg("input", () => CreateDefinitionInput) input: CreateDefinitionInput,
    @Ctx() ctx: Context,
  ): Promise<CreateDefinitionPayload> {
    return { definition: await createDefinition(ctx, input) };
  }

  @Mutation(() => PublishDefinitionPayload, {
    description:
      "Freezes a draft; new instances of its key run on it. Errors: NOT_FOUND, CONFLICT, DEFINITION_INVALID, BAD_USER_INPUT (not a draft).",
  })
  @Allow(canInTenant("definition.publish"))
  async publishDefinition(
    @Arg("input", () => PublishDefinitionInput) input: PublishDefinitionInput,
    @Ctx() ctx: Context,
  ): Promise<PublishDefinitionPayload> {
    return { definition: await publishDefinition(ctx, input) };
  }
}
