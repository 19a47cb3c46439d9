import { readFileSync, statSync } from "node:fs";
import { runCommand, type Account } from "./command.js";
import { PostgresStartError } from "./errors.js";

/**
 * Decides as whom PostgreSQL runs on this data directory. It refuses to run as root, so root runs it
 * - as the directory's owner, when that is somebody else;
 * - else in a user namespace in which we appear as an unprivileged user: files stay ours, and folders that only root may enter stay open.
 *
 * @throws PostgresStartError where neither works, or when the directory belongs to somebody else than an ordinary user who starts.
 */
export async function chooseAccount(dataDir: string): Promise<Account> {
  const uid = process.getuid?.();
  if (uid === undefined) return { prefix: [] };
  const owner = statSync(dataDir, { throwIfNoEntry: false });
  if (uid !== 0) {
    if (owner && owner.uid !== uid) {
      throw new PostgresStartError(
        `The data directory ${dataDir} belongs to user ${owner.uid}, but Weft runs as user ${uid}. ` +
          `Start Weft as that user, hand the directory over (chown -R), or set WEFT_DATA_DIR to another one.`,
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
      "PostgreSQL does not run as root, and this machine does not let root put it into a user namespace " +
        `(${why}). Start Weft as an ordinary user (for example: useradd -m weft; su weft -c 'npx --yes pnpm start'), ` +
        "or set DATABASE_URL to a PostgreSQL server of yours.",
      { cause },
    );
  }
}

/** `postgres` where the machine has that user, else `nobody`: the files stay ours either way. */
function unprivilegedUser(): { uid: number; gid: number } {
  let passwd = "";
  try {
    passwd = readFileSync("/etc/passwd", "utf8");
  } catch {
    // A container may have none: the usual number of nobody will do.
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
