import { existsSync } from "node:fs";
import { type Config, ConfigError, loadConfig, openKeys, shownSettings, withDatabaseUrls } from "@weft/platform/config";
import { problemsOfDatabases } from "@weft/platform/db";
import { findDemoUsers } from "@weft/standalone/seed/demo-guard";
import type { Io } from "../io.js";
import type { DoctorCheck } from "../output/outputs.js";

const problem = (name: string, message: string, advice: string | null): DoctorCheck => ({ name, status: "failure", message, advice });
const fine = (name: string, message: string): DoctorCheck => ({ name, status: "ok", message, advice: null });
const notChecked = (name: string, message: string): DoctorCheck => ({ name, status: "skipped", message, advice: null });

/** Addresses of this machine, which no other machine reaches. */
const isLocal = (host: string): boolean => host === "localhost" || host === "::1" || host.startsWith("127.");

/** A demo has users with public passwords, and shows its emails and metrics to everybody who reaches it. */
export function checkDemo({ mode, host }: Pick<Config, "mode" | "host">): DoctorCheck[] {
  if (mode === "production") return [fine("mode", "WEFT_MODE is production.")];
  if (isLocal(host))
    return [
      {
        name: "mode",
        status: "warning",
        message: "This is a demo, which only this machine reaches.",
        advice: "For real data, set WEFT_MODE=production.",
      },
    ];
  const message = `This is a demo, and other machines can reach it at ${host}. The passwords of its users are public.`;
  return [problem("mode", message, "Set WEFT_MODE=production, or HOST=127.0.0.1.")];
}

/**
 * What production refuses: origins, TLS of connections and of links, certificates that are not verified, well-known passwords, proxies, costs of
 * passwords. The settings of a demo are tested as those of a production, because the mode may be the only difference to one.
 */
export function checkProductionSettings(env: Io["env"], { mode }: Pick<Config, "mode">): DoctorCheck[] {
  try {
    loadConfig({ ...env, WEFT_MODE: "production" }, {}, { vaultSecrets: "unread" });
    // A production was opened with the secrets of its server, and has checked them.
    const unseen = mode === "production" ? [] : shownSettings(env).filter(({ origin }) => origin === "vault");
    if (unseen.length === 0) return [fine("settings", "Production accepts the settings.")];
    const names = unseen.map(({ name }) => name).join(", ");
    return [
      fine("settings", "Production accepts the settings that are not in the server of WEFT_VAULT_URL."),
      notChecked("settings", `Not checked for production: ${names}. Set WEFT_MODE=production to check them.`),
    ];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const status = mode === "production" ? "failure" : "warning";
    return error.problems.map((message) => ({ name: "settings", status, message, advice: "Production does not start with this." }));
  }
}

/** What an installation shows to everybody. */
export function checkServedDetails(
  config: Pick<
    Config,
    "mode" | "registration" | "docs" | "console" | "publicOrigin" | "cookieOrigins" | "oauthPasswordGrant" | "mail" | "files"
  >,
): DoctorCheck[] {
  const { mode, registration, docs, oauthPasswordGrant, mail, files } = config;
  if (mode === "demo") return [];
  const found: DoctorCheck[] = [];
  const warn = (name: string, message: string, advice: string): void => void found.push({ name, status: "warning", message, advice });
  if (registration === "open")
    warn("registration", "Anybody can create an organization.", "Set WEFT_REGISTRATION=closed unless you offer this.");
  if (docs === "on") warn("docs", "Everybody can read the documentation of this version.", "Set WEFT_DOCS=off unless you want this.");
  if (config.console === "on" && !config.publicOrigin?.startsWith("https://") && config.cookieOrigins.length === 0)
    warn(
      "console",
      "Nobody can log in to the console, because its origin is not known.",
      "Set WEFT_PUBLIC_URL to the https:// URL of Weft, or WEFT_CONSOLE=off.",
    );
  if (oauthPasswordGrant === "on")
    warn(
      "oauth",
      "/oauth/token accepts passwords, which applications then see.",
      "Set WEFT_OAUTH_PASSWORD_GRANT=off, and use authorization codes.",
    );
  if (!mail.publicUrl.startsWith("https://"))
    warn("address", `Links start with ${mail.publicUrl}, which is not encrypted.`, "Set WEFT_PUBLIC_URL to an https:// URL.");
  if (files.clamdUrl === undefined) warn("files", "Uploaded files are not scanned for malware.", "Set CLAMD_URL.");
  return found;
}

/** Roles of the database, the isolation of tenants (forced row-level security, policies, privileges, owners), and users with public passwords. */
export async function checkDatabaseSecurity(given: Config, ownUrl: string | null): Promise<DoctorCheck[]> {
  const name = "database";
  const { ownerUrl = ownUrl ?? undefined, appUrl } = given.database;
  if (ownerUrl === undefined && appUrl === undefined) return [notChecked(name, "No database is set, and Weft does not run here.")];
  if (given.mode === "demo" && !existsSync(given.keysFile))
    return [notChecked(name, "There are no keys yet, which contain the passwords of its roles.")];
  try {
    const config = withDatabaseUrls(given, await openKeys(given), ownerUrl);
    const problems = await problemsOfDatabases(config.database);
    if (problems.length > 0) return problems.map((message) => problem(name, message, "Weft does not start with this."));
    const isolated = "The roles have no more rights than they need, and row-level security is forced on every table of tenants.";
    return [fine(name, isolated), ofDemoUsers(given, await findDemoUsers(config))];
  } catch (error) {
    return [problem(name, `It could not be checked: ${error instanceof Error ? error.message : String(error)}`, null)];
  }
}

function ofDemoUsers({ mode }: Pick<Config, "mode">, found: readonly string[]): DoctorCheck {
  if (found.length === 0) return fine("passwords", "There are no demo users.");
  return {
    name: "passwords",
    status: mode === "production" ? "failure" : "warning",
    message: `The database contains demo users (${found.join(", ")}), whose passwords are public.`,
    advice: "Use a database without demo users in production.",
  };
}
