import { JsonScalar } from "@weft/api/scalars";
import { Field, ID, InputType } from "type-graphql";

@InputType({
  description: "A change of a configuration, as `updateConfiguration` takes it. Settings that belong to no calendar have no effect.",
})
export class PreviewCalendarChangeInput {
  @Field(() => ID, { nullable: true, description: "Team whose configuration would change (`tem_…`). By default, that of the tenant." })
  teamId?: string | null;

  @Field(() => JsonScalar, {
    nullable: true,
    description: "Settings to set. Sections are merged; values, including lists, replace existing ones.",
  })
  patch?: unknown;

  @Field(() => [String], {
    nullable: true,
    description: "Paths of settings or sections to remove so that they are inherited again. Applied before `patch`.",
  })
  unset?: string[] | null;

  @Field(() => JsonScalar, { nullable: true, description: "Complete document, instead of `patch` and `unset`." })
  document?: unknown;
}
