import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrate, type Roles } from "@weft/drizzle";
import { postgres } from "@weft/pg-driver";
import { startPostgres } from "../../postgres/start.js";
import { type Catalog, readCatalog } from "./catalog.js";

/** The server runs for a few seconds and listens on the loopback address only. */
const login = (name: string): Roles["app"] => ({ name, password: "only-for-the-docs" });
const roles: Roles = { app: login("weft_app"), worker: login("weft_worker"), auth: login("weft_auth") };

/** Migrates an empty database on a PostgreSQL server of its own, and reads its catalog. Takes about 5 seconds. */
export async function freshCatalog(): Promise<Catalog> {
  const folder = mkdtempSync(join(tmpdir(), "weft-docs-"));
  try {
    const server = await startPostgres({ dataDir: join(folder, "data"), database: "weft", settings: { fsync: "off" } });
    try {
      await migrate({ ownerUrl: server.url, roles });
      const sql = postgres(server.url, { max: 1, onnotice: () => undefined });
      try {
        return await readCatalog(sql);
      } finally {
        await sql.end();
      }
    } finally {
      await server.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
