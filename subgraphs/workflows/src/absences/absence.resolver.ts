import { Allow, ConnectionArgs, anyOf, can, type Context, type FilterValue, type Page } from "@weft/shared";
import { Arg, Args, Ctx, Mutation, Query, Resolver } from "type-graphql";
import {
  EndAbsenceInput,
  EndAbsencePayload,
  SetAbsenceInput,
  SetAbsencePayload,
  UpdateAbsenceInput,
  UpdateAbsencePayload,
} from "./absence.input.js";
import { AbsenceFilter, listAbsences } from "./absence.list.js";
import { endAbsence, setAbsence, updateAbsence } from "./absence.service.js";
import { AbsenceConnection, type Absence } from "./absence.type.js";

/** Whoever works on tasks, or gives them to people. */
const whoWorks = anyOf(can("task.claim"), can("task.assign"));

@Resolver()
export class AbsenceResolver {
  @Query(() => AbsenceConnection, {
    nullable: true,
    description: "Your absences and those in which you stand in; all for who may assign all tasks. What starts first comes first.",
  })
  @Allow(whoWorks)
  absences(
    @Arg("filter", () => AbsenceFilter.Input, { nullable: true, description: "Which ones." }) filter: FilterValue | null | undefined,
    @Args(() => ConnectionArgs) page: ConnectionArgs,
    @Ctx() ctx: Context,
  ): Promise<Page<Absence>> {
    return listAbsences(ctx, filter, page);
  }

  @Mutation(() => SetAbsencePayload, {
    description:
      "Says that you are away, and who stands in. The stand-in sees, claims and completes what names you, by rights and roles of their own, not by yours; wherever the definition asks for somebody else they count as you. Errors: FORBIDDEN (another's), BAD_USER_INPUT.",
  })
  @Allow(whoWorks)
  async setAbsence(@Arg("input", () => SetAbsenceInput) input: SetAbsenceInput, @Ctx() ctx: Context): Promise<SetAbsencePayload> {
    return { absence: await setAbsence(ctx, input) };
  }

  @Mutation(() => UpdateAbsencePayload, {
    description:
      "Changes an absence that is not over: your own, or anybody's for who may assign all tasks. Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT.",
  })
  @Allow(whoWorks)
  async updateAbsence(
    @Arg("input", () => UpdateAbsenceInput) input: UpdateAbsenceInput,
    @Ctx() ctx: Context,
  ): Promise<UpdateAbsencePayload> {
    return { absence: await updateAbsence(ctx, input) };
  }

  @Mutation(() => EndAbsencePayload, {
    description:
      "Ends an absence now, or takes it back before it begins. What the stand-in has claimed stays with them. Errors: NOT_FOUND, CONFLICT (also when it is over).",
  })
  @Allow(whoWorks)
  async endAbsence(@Arg("input", () => EndAbsenceInput) input: EndAbsenceInput, @Ctx() ctx: Context): Promise<EndAbsencePayload> {
    return { absence: await endAbsence(ctx, input) };
  }
}
