import { encodeId } from "@weft/shared/ids";
import type { TeamRow } from "../../teams/team.service.js";
import { etagOf } from "../protocol/preconditions.js";
import type { Resource } from "../protocol/read-resource.js";
import { groupSchema } from "../protocol/schemas.js";
import type { ProvisionableMember } from "../scim.store.js";

/** Returns the part of a resource that clients can change. @param members undefined if they are not part of it */
export function groupContent({ name, externalId }: TeamRow, members: readonly ProvisionableMember[] | undefined): Resource {
  return {
    ...(externalId !== null && { externalId }),
    displayName: name,
    ...(members !== undefined &&
      members.length > 0 && {
        members: members.map(({ userId, name: display }) => ({ value: encodeId("user", userId), display, type: "User" })),
      }),
  };
}

/** Returns the resource of a team. @param baseUrl URL of the endpoint, without a slash at its end */
export function groupResource(row: TeamRow, members: readonly ProvisionableMember[] | undefined, baseUrl: string): Resource {
  const id = encodeId("team", row.id);
  const { members: listed, ...content } = groupContent(row, members);
  return {
    schemas: [groupSchema.id],
    id,
    ...content,
    ...(listed !== undefined && {
      members: (listed as { value: string }[]).map((member) => ({ ...member, $ref: `${baseUrl}/Users/${member.value}` })),
    }),
    meta: {
      resourceType: "Group",
      created: row.createdAt,
      lastModified: row.updatedAt,
      location: `${baseUrl}/Groups/${id}`,
      version: etagOf(row.version),
    },
  };
}
