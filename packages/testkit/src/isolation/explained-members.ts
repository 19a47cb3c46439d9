const whom = "Whom the act is about: found in the actor's own tenant, under the actor's rights.";
const given = "Only what the actor may give: nothing that he lacks himself.";
const whose = "Whose configuration: a team's whom the actor may configure; without it the tenant's.";
const secret = "A password, to be hashed or checked.";

/** Members of mutation inputs that sound as if they decided over rights, owners or states: why each may be there. */
export const explainedMembers: Readonly<Record<string, string>> = {
  "AddTeamMemberInput.isLead": "Whether the member leads the team: said by who may change its members.",
  "AddTeamMemberInput.teamId": whom,
  "AddTeamMemberInput.userId": whom,
  "AssigneeInput.teamId": whom,
  "AssigneeInput.userId": whom,
  "AssigneeInput.vendorId": whom,
  "CreateAssetInput.type": "What the thing is, in words: pump, elevator.",
  "CreateRoleInput.permissions": given,
  "CreateUserInput.password": secret,
  "CreateUserInput.roleIds": given,
  "CreateUserInput.roleKeys": given,
  "CreateUserInput.teamIds": given,
  "CreateUserInput.teamKeys": given,
  "CreateUserInput.type": "Employee, vendor's person or service; a vendor's person needs a vendor.",
  "CreateUserInput.vendorId": whom,
  "LoginInput.password": secret,
  "LoginInput.tenant": "The slug of the organisation to log in to, where the name is not enough; it opens nothing without the password.",
  "OrganizationAdminInput.password": secret,
  "PermissionGrantInput.permission": given,
  "RegisterOrganizationInput.admin": "The first person of a tenant that is made with it.",
  "RemoveTeamMemberInput.teamId": whom,
  "RemoveTeamMemberInput.userId": whom,
  "RollbackConfigurationInput.teamId": whose,
  "SetRolePermissionsInput.permissions": given,
  "SetRolePermissionsInput.roleId": whom,
  "StartWorkflowInput.teamId": "Whose work it is: a team of the tenant, whose members then reach it; the starter gains nothing.",
  "UpdateAssetInput.status": "In service or not; nothing depends on it but lists.",
  "UpdateAssetInput.type": "What the thing is, in words: pump, elevator.",
  "UpdateBuildingInput.status": "In use or not; nothing depends on it but lists.",
  "UpdateConfigurationInput.teamId": whose,
  "UpdateUserInput.roleIds": given,
};
