import { defineSubgraph } from "@weft/shared";
import type { Subgraph, SubgraphOptions } from "@weft/shared";
import { AccessResolver } from "./access/access.resolver.js";
import { ApiKeyResolver } from "./api-keys/api-key.resolver.js";
import { ClockAdvanceResolver } from "./clock/clock-advance.resolver.js";
import { TenantClockResolver } from "./clock/tenant-clock.resolver.js";
import { ConfigurationChangedLive } from "./configuration/configuration.live.js";
import { ConfigurationResolver, ConfigurationSourceResolver } from "./configuration/configuration.resolver.js";
import { DirectoryResolver } from "./directories/directory.resolver.js";
import { DomainResolver } from "./domains/domain.resolver.js";
import { EmailVerificationResolver } from "./email-verification/email-verification.resolver.js";
import { IdentityProviderResolver, SamlSettingsResolver } from "./identity-providers/identity-provider.resolver.js";
import { InvitationResolver } from "./invitations/invitation.resolver.js";
import { OperatorSessionResolver } from "./operators/operator-session.resolver.js";
import { PasswordChangeResolver } from "./password-changes/password-change.resolver.js";
import { loadRoles } from "./roles/role.loader.js";
import { PermissionResolver, RoleResolver } from "./roles/role.resolver.js";
import { PasskeyResolver } from "./second-factors/passkeys/passkey.resolver.js";
import { SecondFactorResolver } from "./second-factors/second-factor.resolver.js";
import { RegistrationResolver } from "./registrations/registration.resolver.js";
import { ScimResolver } from "./scim/scim.resolver.js";
import { ServiceAccountResolver } from "./service-accounts/service-account.resolver.js";
import { SessionConnectionsResolver, SessionListResolver, UserSessionsResolver } from "./sessions/session-list.resolver.js";
import { SessionResolver } from "./sessions/session.resolver.js";
import { UserIdentityResolver } from "./single-sign-on/identities/user-identity.resolver.js";
import { SingleSignOnResolver } from "./single-sign-on/single-sign-on.resolver.js";
import { loadTeams } from "./teams/team.loader.js";
import { TeamMemberResolver, TeamResolver } from "./teams/team.resolver.js";
import { loadTenants } from "./tenants/tenant.loader.js";
import { TenantResolver } from "./tenants/tenant.resolver.js";
import { TenantUsageResolver } from "./tenants/usage.resolver.js";
import { BreakGlassResolver } from "./users/break-glass/break-glass.resolver.js";
import { ProfileResolver } from "./users/profile/profile.resolver.js";
import { PermissionOverrideResolver, UserPermissionsResolver } from "./user-permissions/user-permission.resolver.js";
import { UserResolver, VendorUsersResolver } from "./users/user.resolver.js";
import { loadUsers } from "./users/user.loader.js";
import { toVendor } from "./users/user.type.js";

/** Tenants, users, roles, teams and sessions. */
export function identitySubgraph(options: SubgraphOptions = {}): Subgraph {
  return defineSubgraph({
    ...options,
    name: "identity",
    resolvers: {
      "sign-in": [
        SessionResolver,
        SessionListResolver,
        SessionConnectionsResolver,
        UserSessionsResolver,
        RegistrationResolver,
        EmailVerificationResolver,
        PasswordChangeResolver,
        SecondFactorResolver,
        PasskeyResolver,
      ],
      people: [
        InvitationResolver,
        ApiKeyResolver,
        ServiceAccountResolver,
        UserResolver,
        BreakGlassResolver,
        ProfileResolver,
        VendorUsersResolver,
        UserPermissionsResolver,
        PermissionOverrideResolver,
        RoleResolver,
        PermissionResolver,
        AccessResolver,
        TeamResolver,
        TeamMemberResolver,
      ],
      "single-sign-on": [
        IdentityProviderResolver,
        SamlSettingsResolver,
        DirectoryResolver,
        DomainResolver,
        SingleSignOnResolver,
        UserIdentityResolver,
        ScimResolver,
      ],
      organizations: [
        TenantResolver,
        OperatorSessionResolver,
        TenantUsageResolver,
        TenantClockResolver,
        ClockAdvanceResolver,
        ConfigurationResolver,
        ConfigurationSourceResolver,
        ConfigurationChangedLive,
      ],
    },
    references: {
      Tenant: loadTenants,
      User: loadUsers,
      Role: loadRoles,
      Team: loadTeams,
      // Fields that identity adds to a vendor require its ID, which only its owner provides. So the owner decides who can see them.
      Vendor: async (_ctx, uuids) => uuids.map(toVendor),
    },
  });
}
