import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { SavedView } from "./saved-view.type.js";

@ObjectType({ description: "Payload of a mutation that returns a saved view." })
@Allow(inherit)
export class SavedViewPayload {
  @Field(() => SavedView, { description: "The saved view as it is after the call." })
  view!: SavedView;
}
