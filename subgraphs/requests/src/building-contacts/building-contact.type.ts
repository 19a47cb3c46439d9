import { Allow, inherit, staff } from "@weft/api/rules";
import { assigneeOf } from "@weft/api/subgraph";
import { Field, ObjectType } from "type-graphql";
import { Principal } from "../references.js";
import type { ContactRow } from "./building-contact.store.js";

@ObjectType({ description: "A user or team in charge of a building." })
@Allow(staff)
export class BuildingContact {
  @Field(() => Principal, { nullable: true, description: "The user or team. Null if you cannot see it." })
  @Allow(inherit)
  principal!: typeof Principal | null;

  @Field(() => String, { description: "What they are in charge of, for example `Caretaker`." })
  @Allow(inherit)
  role!: string;
}

/** Converts a row to its API type. */
export const toContact = ({ userId, teamId, role }: ContactRow): BuildingContact =>
  Object.assign(new BuildingContact(), {
    principal: assigneeOf({ assigneeUserId: userId, assigneeTeamId: teamId, assigneeVendorId: null }),
    role,
  });
