import { Field, ID, InputType } from "type-graphql";

@InputType({
  description: "The work for which vendors are suggested: a request, or categories. Given values count instead of those of the request.",
})
export class SuggestVendorsInput {
  @Field(() => ID, { nullable: true, description: "The request." })
  requestId?: string | null;

  @Field(() => [String], {
    nullable: true,
    description:
      "Categories of work (1 to 20). Vendors with none of them are excluded. Default: the type of the request, the type of its asset, and its tags; they exclude nobody.",
  })
  categories?: string[] | null;

  @Field(() => ID, { nullable: true, description: "Building where the work is done." })
  buildingId?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Day on which the vendor must work, for example `2026-03-01`. Default: the day on which the request is due, or today.",
  })
  neededOn?: string | null;
}
