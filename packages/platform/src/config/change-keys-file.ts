import { chownSync, closeSync, existsSync, fsyncSync, openSync, realpathSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { parseKeysFile, readJson } from "./keys.js";
import { keysFileSchema, type KeysFile } from "./keys-file.js";
import { ConfigError } from "./config-error.js";

/** As `changeJsonFile`, for a keys file in plain text. @throws ConfigError if the content has another shape */
export const changeKeysFile = (file: string, change: (content: KeysFile) => KeysFile): Promise<void> =>
  changeJsonFile(file, (content) => Promise.resolve(keysFileSchema.parse(change(parseKeysFile(content, `WEFT_KEYS_FILE: ${file}`)))));

/**
 * Replaces the content of a keys file at once, so that readers see the content before or after. Keeps its owner. A second change at the same time fails.
 * @throws ConfigError if the file is missing or cannot be read, or another command is changing it
 */
export async function changeJsonFile(file: string, change: (content: unknown) => Promise<object>): Promise<void> {
  if (!existsSync(file))
    throw new ConfigError([`WEFT_KEYS_FILE: the file ${file} does not exist. Create it once with \`pnpm keys ${file}\``]);
  // A rename would replace a symbolic link, not the file.
  const target = realpathSync(file);
  const draft = `${target}.new`;
  const fd = openDraft(draft);
  try {
    const { uid, gid } = statSync(target);
    writeSync(fd, `${JSON.stringify(await change(readJson(target)), null, 2)}\n`);
    fsyncSync(fd);
    // Only root can give a file to another user. Without the same owner, processes could not read it.
    if (statSync(draft).uid !== uid || statSync(draft).gid !== gid) chownSync(draft, uid, gid);
    renameSync(draft, target);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
}

function openDraft(draft: string): number {
  try {
    return openSync(draft, "wx", 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw new ConfigError([
      `WEFT_KEYS_FILE: ${draft} exists: another command is changing the keys file. If none is running, delete ${draft} and repeat the command`,
    ]);
  }
}
