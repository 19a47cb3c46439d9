import type { FilesConfig } from "../../config/config.js";
import type { SecretChanges } from "../../config/sources/secret-changes.js";
import type { Logger } from "../../logging/logger.js";
import type { FileStorage } from "./file-storage.js";
import { localStorage } from "./local-storage.js";
import { s3Storage } from "./s3-storage.js";

/** Opens the storage that the configuration names. @param changes tells if the credentials of the bucket are replaced */
export const openFileStorage = async (
  { s3, folder }: FilesConfig,
  log: Pick<Logger, "warn">,
  changes?: SecretChanges,
): Promise<FileStorage> => (s3 ? s3Storage(s3, log, changes) : localStorage(folder));
