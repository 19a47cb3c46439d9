import { readFileSync, statSync } from "node:fs";
import { runCommand, type Account } from "./command.js";
import { PostgresStartError } from "./errors.js";

/**
 * Chooses the user that runs PostgreSQL on this data directory. PostgreSQL refuses to run as root, so root runs it
 * - as the directory's owner, if that is another user;
 * - otherwise in a user namespace in which this process appears as an unprivileged user: files stay ours, and folders that only root can enter stay
 *   accessible.
 *
 * @throws PostgresStartError if neither works, or if a regular user starts Weft and the directory belongs to another user.
 */
export async function chooseAccount(dataDir: string): Promise<Account> {
  const uid = process.getuid?.();
  if (uid === undefined) return { prefix: [] };
  const owner = statSync(dataDir, { throwIfNoEntry: false });
  if (uid !== 0) {
    if (owner && owner.uid !== uid) {
      throw new PostgresStartError(
        `The data directory ${dataDir} belongs to the user ${owner.uid}, but Weft is running as the user ${uid}.` +
          `Start Weft as that user, change the owner of the directory (chown -R), or set WEFT_DATA_DIR to another directory.`,
      );
    }
    return { prefix: [] };
  }
  if (owner && owner.uid !== 0) return { prefix: [], uid: owner.uid, gid: owner.gid };
  return namespaceAccount();
}

async function namespaceAccount(): Promise<Account> {
  const { uid, gid } = unprivilegedUser();
  const account: Account = { prefix: ["unshare", "--user", `--map-user=${uid}`, `--map-group=${gid}`, "--"] };
  try {
    await runCommand(account, "true", [], 10_000);
    return account;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new PostgresStartError(
      "PostgreSQL does not run as root, and this machine does not allow root to run it in a user namespace " +
        `(${why}). Start Weft as a regular user (for example: useradd -m weft; su weft -c 'npx --yes pnpm start'), ` +
        "or set DATABASE_URL to your own PostgreSQL server.",
      { cause },
    );
  }
}

/** `postgres` if the machine has that user, otherwise `nobody`. The files stay ours in both cases. */
function unprivilegedUser(): { uid: number; gid: number } {
  let passwd = "";
  try {
    passwd = readFileSync("/etc/passwd", "utf8");
  } catch {
    // A container may not have this file. The usual ID of nobody is used then.
  }
  for (const name of ["postgres", "nobody"]) {
    const fields = passwd
      .split("\n")
      .find((line) => line.startsWith(`${name}:`))
      ?.split(":");
    if (fields) return { uid: Number(fields[2]), gid: Number(fields[3]) };
  }
  return { uid: 65_534, gid: 65_534 };
}
