/** bcrypt hashes of users who were imported from another system. */

/** bcrypt ignores the bytes of a password after these. */
export const maxBcryptBytes = 72;
/** At 14, a verification takes about a second. Each further step doubles it, and a hostile hash would keep a core busy for hours. */
const maxBcryptCost = 14;
const minBcryptCost = 4;

// Loaded with the first imported hash: most installations have none.
const library = () => import("@node-rs/bcrypt");

const pattern = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;

export const isBcryptHash = (hash: string): boolean => pattern.test(hash);

/** Returns why a hash cannot be imported. Null if it can. */
export function refusalOfImportedHash(hash: string): string | null {
  const [, cost] = pattern.exec(hash) ?? [];
  if (cost === undefined) return "This is not a bcrypt hash ($2a$, $2b$ or $2y$).";
  if (Number(cost) < minBcryptCost || Number(cost) > maxBcryptCost)
    return `The cost of the bcrypt hash is ${Number(cost)}. It must be between ${minBcryptCost} and ${maxBcryptCost}.`;
  return null;
}

/** Returns whether a password matches. Verified in a worker thread, as typed, and in the normalized form if that differs. */
export async function matchesBcrypt(hash: string, password: string): Promise<boolean> {
  const { verify } = await library();
  const normalized = password.normalize("NFKC");
  return (await verify(password, hash)) || (normalized !== password && (await verify(normalized, hash)));
}

/** Returns a hash, for a comparison that must fail. New passwords are never hashed with bcrypt. */
export async function bcryptHash(password: string, cost: number): Promise<string> {
  const { hash } = await library();
  return hash(password, Math.min(cost, maxBcryptCost));
}
