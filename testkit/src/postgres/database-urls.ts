import type { Roles } from "@weft/drizzle";

/** The login roles of all test databases. Roles belong to the server, so all clones share them. */
export const testRoles: Roles = {
  app: { name: "weft_app", password: "weft-test-app" },
  worker: { name: "weft_worker", password: "weft-test-worker" },
  auth: { name: "weft_auth", password: "weft-test-auth" },
};

/** The login URLs of the roles of one database. */
export interface RoleUrls {
  readonly appUrl: string;
  readonly workerUrl: string;
  readonly authUrl: string;
}

/** Returns the URLs of Weft's roles. With the directory of a Unix socket, Weft's pools connect through it. */
export function roleUrls(ownerUrl: string, database: string, socketDir?: string): RoleUrls {
  const of = (role: { readonly name: string; readonly password: string }): string => {
    const url = new URL(databaseUrl(ownerUrl, database, role));
    if (socketDir !== undefined) url.searchParams.set("host", socketDir);
    return url.href;
  };
  return { appUrl: of(testRoles.app), workerUrl: of(testRoles.worker), authUrl: of(testRoles.auth) };
}

/** Returns the URL of another database on the same server, optionally for another user. */
export function databaseUrl(url: string, database: string, user?: { readonly name: string; readonly password: string }): string {
  const result = new URL(url);
  result.pathname = `/${database}`;
  if (user) {
    result.username = user.name;
    result.password = user.password;
  }
  return result.href;
}
