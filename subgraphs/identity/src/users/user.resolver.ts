import { NotFound } from "@weft/shared/errors";
import { decodeId, parseAnyId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { VersionedIdInput } from "@weft/api/inputs";
import type { Page } from "@weft/api/pages";
import { allOf, Allow, anyOf, can, canInTenant, inherit, loggedIn, RequiresRecentLogin, self, VendorPortal } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, Directive, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { loadRolesOfUser } from "../roles/role.loader.js";
import { Role } from "../roles/role.type.js";
import { loadTeamsOfUser } from "../teams/team.loader.js";
import { Team } from "../teams/team.type.js";
import { loadTenant } from "../tenants/tenant.loader.js";
import { Tenant } from "../tenants/tenant.type.js";
import { UserConnection, UsersArgs } from "./user.input.js";
import { listUsers } from "./user-list.service.js";
import { loadUser, loadUsersOfVendor, loadUsers } from "./user.loader.js";
import { createUser, deactivateUser, findViewerUser, reactivateUser, updateUser } from "./user.service.js";
import { CreateUserInput, toUser, toVendor, UpdateUserInput, User, Vendor, UserPayload } from "./user.type.js";

@Resolver(() => User)
export class UserResolver {
  @Query(() => User, { nullable: true, description: "The current user." })
  @Allow(loggedIn)
  @VendorPortal()
  async me(@Ctx() ctx: Context): Promise<User> {
    return toUser(await findViewerUser(ctx));
  }

  @Query(() => User, { nullable: true, description: "A user of the tenant. Errors: NOT_FOUND." })
  @Allow(can("user.read"))
  @VendorPortal()
  async user(@Arg("id", () => ID, { description: "TypeID." }) id: string, @Ctx() ctx: Context): Promise<User> {
    const user = await loadUser(ctx, decodeId("user", id));
    if (!user) throw new NotFound("User", id);
    return user;
  }

  @Query(() => UserConnection, { nullable: true, description: "The tenant's users, as far as you see them. Errors: BAD_USER_INPUT." })
  @Allow(can("user.read"))
  @VendorPortal()
  users(@Args(() => UsersArgs) args: UsersArgs, @Ctx() ctx: Context): Promise<Page<User>> {
    return listUsers(ctx, args);
  }

  @FieldResolver(() => Tenant, { nullable: true, description: "Where the user belongs." })
  @Allow(inherit)
  tenant(@Root() user: User, @Ctx() ctx: Context): Promise<Tenant | null> {
    return loadTenant(ctx, user.tenantUuid);
  }

  @FieldResolver(() => [Role], { nullable: true, description: "By key. For oneself, and for whoever has role.read." })
  @Allow(anyOf(can("role.read"), self))
  roles(@Root() user: User, @Ctx() ctx: Context): Promise<Role[]> {
    return loadRolesOfUser(ctx, user.uuid);
  }

  @FieldResolver(() => [Team], { nullable: true, description: "By key. For oneself, and for whoever has team.read." })
  @Allow(anyOf(can("team.read"), self))
  teams(@Root() user: User, @Ctx() ctx: Context): Promise<Team[]> {
    return loadTeamsOfUser(ctx, user.uuid);
  }

  @FieldResolver(() => Vendor, { nullable: true, description: "Vendor that the user works for. For users of the kind VENDOR." })
  @Allow(inherit)
  vendor(@Root() user: User): Vendor | null {
    return user.vendorUuid === null ? null : toVendor(user.vendorUuid);
  }

  @Mutation(() => UserPayload, {
    description:
      "Creates a user with a password, which is temporary unless `security.temporaryPasswords` is off. Use `inviteUser` to let the user choose the password. Errors: REAUTH_REQUIRED, BAD_USER_INPUT, FORBIDDEN (roles and teams that you cannot assign, a password set by an API key), CONFLICT, LIMIT_EXCEEDED.",
  })
  @Allow(canInTenant("user.create"))
  @RequiresRecentLogin()
  async createUser(
    @Arg("input", () => CreateUserInput, { description: "The input." }) input: CreateUserInput,
    @Ctx() ctx: Context,
  ): Promise<UserPayload> {
    return { user: toUser(await createUser(ctx, input)) };
  }

  @Mutation(() => UserPayload, {
    description:
      "Changes a user. New roles take effect immediately. Another email address ends the user's other sessions, and an email tells the former address. Errors: REAUTH_REQUIRED, NOT_FOUND, BAD_USER_INPUT, FORBIDDEN, CONFLICT (also when no administrator would be left).",
  })
  @Allow(can("user.update"))
  @RequiresRecentLogin()
  async updateUser(
    @Arg("input", () => UpdateUserInput, { description: "The input." }) input: UpdateUserInput,
    @Ctx() ctx: Context,
  ): Promise<UserPayload> {
    return { user: toUser(await updateUser(ctx, input)) };
  }

  @Mutation(() => UserPayload, {
    description:
      "Disables a user and ends the user's sessions. Errors: NOT_FOUND, FORBIDDEN, CONFLICT (also when no administrator would be left).",
  })
  @Allow(can("user.update"))
  async deactivateUser(
    @Arg("input", () => VersionedIdInput, { description: "The user." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<UserPayload> {
    return { user: toUser(await deactivateUser(ctx, input)) };
  }

  @Mutation(() => UserPayload, {
    description:
      "Lets a disabled user log in again, with the former roles and teams. Former sessions stay ended. Users who are not disabled stay as they are. Errors: REAUTH_REQUIRED, NOT_FOUND, FORBIDDEN, CONFLICT, LIMIT_EXCEEDED.",
  })
  @Allow(can("user.update"))
  @RequiresRecentLogin()
  async reactivateUser(
    @Arg("input", () => VersionedIdInput, { description: "The user." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<UserPayload> {
    return { user: toUser(await reactivateUser(ctx, input)) };
  }
}

@Resolver(() => Vendor)
export class VendorUsersResolver {
  @Directive('@requires(fields: "id")')
  @FieldResolver(() => [User], { nullable: true, description: "The vendor's users that the viewer sees, by name; a hundred at most." })
  @Allow(allOf(can("user.read"), can("vendor.read")))
  async users(@Root() vendor: Vendor, @Ctx() ctx: Context): Promise<User[]> {
    const key = parseAnyId(vendor.nodeKey);
    return key ? loadUsersOfVendor(ctx, key.uuid) : [];
  }
}

export const userModule: SubgraphModule = {
  resolvers: { people: [UserResolver, VendorUsersResolver] },
  references: {
    User: loadUsers,
    // Fields that identity adds to a vendor require its ID, which only its owner provides. So the owner decides who can see them.
    Vendor: async (_ctx, uuids) => uuids.map(toVendor),
  },
};
