import { identity } from "@weft/drizzle";
import { BadUserInput, holdsPermission, named, type Tx } from "@weft/shared";
import { and, eq, isNull, ne } from "drizzle-orm";

type Wanted = { readonly userId: string; readonly vendorId: string | null; readonly path: string };

/**
 * BAD_USER_INPUT unless the user is active and works for whom the caller works (`vendorId`, null for the organisation itself): a vendor's people give work to
 * each other, and nobody else to them, who would not see it.
 * @param path of the input that names the user
 */
export async function assertWorkmate(tx: Tx, { userId, vendorId, path }: Wanted): Promise<void> {
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
  const found = await named("findWorkmate", query);
  if (found.length === 0) throw new BadUserInput([{ path, message: "There is no active user of your own organisation with this id." }]);
}

/** BAD_USER_INPUT unless the user is a workmate who may see tasks: otherwise the task would wait for an answer that nobody can give. */
export async function assertCanBeAsked(tx: Tx, wanted: Wanted): Promise<void> {
  await assertWorkmate(tx, wanted);
  if (await holdsPermission(tx, wanted.userId, "task.read")) return;
  const message = "This user may not see tasks (permission task.read) and could not answer. Ask somebody else.";
  throw new BadUserInput([{ path: wanted.path, message }]);
}
