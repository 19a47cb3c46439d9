import { chownSync, closeSync, fsyncSync, openSync, realpathSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { readKeysFile } from "./keys.js";
import { keysFileSchema, type KeysFile } from "./keys-file.js";
import { ConfigError } from "./load.js";

/**
 * Replaces the content of a keys file at once, so that readers see the content before or after. Keeps its owner. A second change at the same time fails.
 * @throws ConfigError if the file cannot be read or another command is changing it
 */
export function changeKeysFile(file: string, change: (content: KeysFile) => KeysFile): void {
  // A rename would replace a symbolic link, not the file.
  const target = realpathSync(file);
  const draft = `${target}.new`;
  const fd = openDraft(draft);
  try {
    const { uid, gid } = statSync(target);
    writeSync(fd, `${JSON.stringify(keysFileSchema.parse(change(readKeysFile(target))), null, 2)}\n`);
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
