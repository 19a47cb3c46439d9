import { Allow, inherit, staff } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import { Field, ObjectType } from "type-graphql";
import { User } from "../references.js";
import { Vendor } from "../vendors/vendor.type.js";
import type { ProjectVendorRow } from "./project-vendor.store.js";

@ObjectType({ description: "A vendor that takes part in a project, or did so." })
@Allow(inherit)
export class ProjectVendor {
  @Field(() => Vendor, { nullable: true, description: "The vendor. Null if you cannot see it." })
  vendor?: Vendor | null;

  @Field(() => String, { description: "Role in the project, for example `Electrical work`." })
  role!: string;

  @Field(() => User, { nullable: true, description: "User who assigned the vendor. Only for users of the organization." })
  @Allow(staff)
  assignedBy!: User | null;

  @Field(() => DateTimeScalar, { description: "Time of the assignment, or of the change of the role." })
  assignedAt!: string;

  @Field(() => User, {
    nullable: true,
    description: "User who ended the assignment. Null if it has not ended. Only for users of the organization.",
  })
  @Allow(staff)
  endedBy!: User | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time at which the assignment ended. Null if it has not." })
  endedAt!: string | null;

  vendorId!: string;
}

/** Converts a row to its API type. */
export const toProjectVendor = ({ role, assignedBy, assignedAt, endedBy, endedAt, vendorId }: ProjectVendorRow): ProjectVendor =>
  Object.assign(new ProjectVendor(), {
    role,
    assignedBy: User.of(assignedBy),
    assignedAt,
    endedBy: endedBy === null ? null : User.of(endedBy),
    endedAt,
    vendorId,
  });
