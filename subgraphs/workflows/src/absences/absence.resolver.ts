import { type Context, referencesEach } from "@weft/api/context";
import type { FilterValue } from "@weft/api/filters";
import { KeyedVersionedIdInput } from "@weft/api/inputs";
import { ConnectionArgs, type Page } from "@weft/api/pages";
import { Allow, anyOf, can } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, Mutation, Query, Resolver } from "type-graphql";
import { AbsenceFilter, listAbsences } from "./absence.list.js";
import { endAbsence, setAbsence, updateAbsence } from "./absence.service.js";
import { SetAbsenceInput, UpdateAbsenceInput, AbsenceConnection, type Absence, AbsencePayload } from "./absence.type.js";
import { loadAbsence } from "./absence.loader.js";

/** Users who work on tasks or assign them. */
const whoWorks = anyOf(can("task.claim"), can("task.assign"));

@Resolver()
export class AbsenceResolver {
  @Query(() => AbsenceConnection, {
    nullable: true,
    description:
      "Your absences and those for which you are the substitute; all absences if you can assign all tasks. Earliest start first.",
  })
  @Allow(whoWorks)
  absences(
    @Arg("filter", () => AbsenceFilter.Input, { nullable: true, description: "Filter." }) filter: FilterValue | null | undefined,
    @Args(() => ConnectionArgs) page: ConnectionArgs,
    @Ctx() ctx: Context,
  ): Promise<Page<Absence>> {
    return listAbsences(ctx, filter, page);
  }

  @Mutation(() => AbsencePayload, {
    description:
      "Creates an absence and names a substitute. The substitute sees, claims and completes tasks that name the absent user, using their own roles and permissions. Where the definition requires a different person, the substitute also counts as the absent user. Errors: FORBIDDEN (another user's absence), BAD_USER_INPUT.",
  })
  @Allow(whoWorks)
  async setAbsence(@Arg("input", () => SetAbsenceInput) input: SetAbsenceInput, @Ctx() ctx: Context): Promise<AbsencePayload> {
    return { absence: await setAbsence(ctx, input) };
  }

  @Mutation(() => AbsencePayload, {
    description:
      "Updates an absence that is not over: your own, or any if you can assign all tasks. Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT.",
  })
  @Allow(whoWorks)
  async updateAbsence(@Arg("input", () => UpdateAbsenceInput) input: UpdateAbsenceInput, @Ctx() ctx: Context): Promise<AbsencePayload> {
    return { absence: await updateAbsence(ctx, input) };
  }

  @Mutation(() => AbsencePayload, {
    description:
      "Ends an absence now, or cancels it if it has not begun. The substitute keeps the tasks they have claimed. Errors: NOT_FOUND, CONFLICT (also if the absence is over).",
  })
  @Allow(whoWorks)
  async endAbsence(
    @Arg("input", () => KeyedVersionedIdInput, { description: "ID of the absence (`abs_…`)." }) input: KeyedVersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<AbsencePayload> {
    return { absence: await endAbsence(ctx, input) };
  }
}

export const absenceModule: SubgraphModule = {
  resolvers: { routing: [AbsenceResolver] },
  references: { Absence: referencesEach(loadAbsence) },
};
