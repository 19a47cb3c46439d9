import { column, columns, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { Allow, inherit } from "@weft/api/rules";
import { ObjectType } from "type-graphql";
import type { UserRow } from "../user.columns.js";

const avatarUrl =
  "URL of a picture on another server (https). Weft does not check it. Load it without a referrer, and do not trust its content.";

const profileColumns = columns({
  name: column.text("Display name (1 to 200 characters).", { shown: false }),
  title: column.text("Job title, for example Facility manager.", { nullable: true, updated: "Job title (at most 200 characters)." }),
  phone: column.text("Phone number.", { nullable: true, updated: "Phone number (3 to 32 digits, spaces, and + ( ) . / -)." }),
  locale: column.text("Language and region as a BCP 47 tag, for example `de-CH`.", { nullable: true }),
  timeZone: column.text("IANA time zone, for example `Europe/Zurich`.", { nullable: true }),
  avatarUrl: column.text(avatarUrl, { nullable: true, updated: "URL of a picture (https, at most 2000 characters)." }),
  ...standardColumns.expectedVersion,
});

@ShowColumns(profileColumns)
@ObjectType({ description: "Profile of a user. Visible to everyone who can see the user." })
@Allow(inherit)
export class Profile extends shapeOf(profileColumns) {}

export const UpdateProfileInput = updateInputOf(
  "UpdateProfileInput",
  profileColumns,
  "Changes of your own profile. Omitted fields keep their values; null or an empty string removes a value, except for the name.",
);
export type UpdateProfileInput = InstanceType<typeof UpdateProfileInput>;

export function toProfile({
  title,
  phone,
  locale,
  timeZone,
  avatarUrl,
}: Pick<UserRow, "title" | "phone" | "locale" | "timeZone" | "avatarUrl">): Profile {
  return Object.assign(new Profile(), { title, phone, locale, timeZone, avatarUrl });
}
