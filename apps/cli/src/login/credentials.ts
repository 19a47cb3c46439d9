import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { CliError, exitCodes } from "../cli-error.js";

/** How the command line proves to one server who its user is. */
export type Credential =
  | { readonly kind: "apiKey"; readonly key: string }
  | {
      readonly kind: "session";
      readonly accessToken: string;
      /** ISO 8601. */
      readonly expiresAt: string;
      /** Works once. */
      readonly refreshToken: string;
      readonly deviceToken: string;
    };

type Stored = Record<string, Credential>;

const LOCK_TRIES = 100;
const LOCK_STALE_MS = 60_000;

/** The credentials of a user, by URL of the server: a file that only the user can read. */
export class Credentials {
  readonly path: string;

  constructor(readonly folder: string) {
    this.path = join(folder, "credentials.json");
  }

  /** @throws CliError if others can read the file, or if it is damaged */
  find(url: string): Credential | null {
    return this.#read()[url] ?? null;
  }

  write(url: string, credential: Credential | null): void {
    const stored = this.#read();
    if (credential) stored[url] = credential;
    else delete stored[url];
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    // A reader sees the old file or the new one, never a part.
    const written = `${this.path}.${randomBytes(6).toString("hex")}`;
    writeFileSync(written, `${JSON.stringify(stored, null, 2)}\n`, { mode: 0o600, flag: "wx" });
    chmodSync(written, 0o600);
    renameSync(written, this.path);
  }

  /** Runs alone among all commands of this user. A refresh token works once: two commands that used it at the same time would end the session. */
  async alone<T>(run: () => Promise<T>): Promise<T> {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    const lock = `${this.path}.lock`;
    for (let tries = 1; ; tries++) {
      try {
        mkdirSync(lock);
        break;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
        const since = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? 0;
        // Its command was killed.
        if (Date.now() - since > LOCK_STALE_MS) rmSync(lock, { recursive: true, force: true });
        else if (tries === LOCK_TRIES)
          throw new CliError(`Another command renews the session. If none is running, delete ${lock}.`, exitCodes.unavailable, "LOCKED");
        else await delay(100);
      }
    }
    try {
      return await run();
    } finally {
      rmSync(lock, { recursive: true, force: true });
    }
  }

  #read(): Stored {
    const found = statSync(this.path, { throwIfNoEntry: false });
    if (!found) return {};
    if (process.platform !== "win32" && (found.mode & 0o077) !== 0)
      throw new CliError(`Others can read ${this.path}. Run: chmod 600 ${this.path}`, exitCodes.unavailable, "OPEN_CREDENTIALS");
    try {
      return JSON.parse(readFileSync(this.path, "utf8")) as Stored;
    } catch {
      throw new CliError(`${this.path} is damaged. Delete it and run \`weft login\`.`, exitCodes.unavailable, "DAMAGED_CREDENTIALS");
    }
  }
}
