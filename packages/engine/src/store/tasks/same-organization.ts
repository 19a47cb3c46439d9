import { identity } from "@weft/drizzle";
import { BadUserInput } from "@weft/shared/errors";
import { named, type Tx } from "@weft/platform/db";
import { holdsPermission } from "@weft/platform/directory";
import { and, eq, isNull, ne } from "drizzle-orm";

type Wanted = { readonly userId: string; readonly vendorId: string | null; readonly path: string };

/**
 * BAD_USER_INPUT unless the user is active and works for the same party as the caller (`vendorId`, null for the organization itself). Vendor users
 * give work to each other, and nobody outside the vendor gives work to them or gets it from them.
 * @param path of the input that references the user
 */
export async function assertSameOrganization(tx: Tx, { userId, vendorId, path }: Wanted): Promise<void> {
  const { users } = identity;
  const query = tx
    .select({ id: users.id })
    .from(users)
    .where(
      and(
        eq(users.id, userId),
        eq(users.status, "ACTIVE"),
        ne(users.type, "OPERATOR"),
        vendorId === null ? isNull(users.vendorId) : eq(users.vendorId, vendorId),
      ),
    );
  const found = await named("findUserOfSameOrganization", query);
  if (found.length === 0) throw new BadUserInput([{ path, message: "No active user of your own organization with this ID exists." }]);
}

/** BAD_USER_INPUT unless the user works for the same party and can see tasks: otherwise the task would wait for an answer that nobody can give. */
export async function assertCanBeAsked(tx: Tx, wanted: Wanted): Promise<void> {
  await assertSameOrganization(tx, wanted);
  if (await holdsPermission(tx, wanted.userId, "task.read")) return;
  const message = "This user cannot see tasks (permission task.read) and could not answer. Ask another user.";
  throw new BadUserInput([{ path: wanted.path, message }]);
}
