import { readConfigFile, sourcesOf } from "./load.js";
import { settings, type SettingName } from "./settings.js";

/** A setting as operators can see it. */
export interface ShownSetting {
  readonly name: SettingName;
  /** As it was written. Passwords and secrets are shown as `***`. Null: not set, and without a default. */
  readonly value: string | null;
  readonly origin: "environment" | "file" | "default" | "secretFile" | "vault";
  /** Path of the file that it is from, or of the secret in the server of WEFT_VAULT_URL. */
  readonly file: string | null;
}

/** The others are URLs, of which only the password is secret. That of a receiver of checkpoints often has a token in its path. */
const hiddenNames: ReadonlySet<string> = new Set<SettingName>(["WEFT_SMS_TOKEN", "S3_SECRET_ACCESS_KEY", "AUDIT_CHECKPOINTS_URL"]);
const MASK = "***";

/**
 * Returns every setting with its value and where that is from, by the precedence of `loadConfig`. Values are not checked.
 * @param problems receives what is wrong with the file
 */
export function shownSettings(env: Readonly<Record<string, string | undefined>>, problems: string[] = []): ShownSetting[] {
  const file = readConfigFile(env, problems);
  const sources = sourcesOf(env, file.values);
  return Object.entries(settings).map(([key, { schema }]) => {
    const name = key as SettingName;
    const source = sources.find((one) => one.name === name);
    if (source?.vault !== undefined) return { name, value: MASK, origin: "vault", file: source.vault.path };
    if (source?.file !== undefined) return { name, value: MASK, origin: "secretFile", file: source.file };
    const given = env[name]?.trim();
    if (given !== undefined && given !== "") return { name, value: masked(name, given), origin: "environment", file: null };
    const written = file.values[name];
    if (written !== undefined)
      return {
        name,
        value: masked(name, typeof written === "string" ? written : JSON.stringify(written)),
        origin: "file",
        file: file.path,
      };
    const value: unknown = schema.safeParse(undefined).data;
    const isShown = typeof value === "string" || typeof value === "number";
    return { name, value: isShown ? String(value) : null, origin: "default", file: null };
  });
}

/** Removes secrets, and passwords in URLs. A text that looks like a URL with a password but cannot be parsed is removed as a whole. */
function masked(name: string, text: string): string {
  if (hiddenNames.has(name)) return MASK;
  if (!/:\/\/[^/]*@/.test(text) && !/[?&;](?:password|sslpassword)=/i.test(text)) return text;
  if (!URL.canParse(text)) return MASK;
  const url = new URL(text);
  if (url.password !== "") url.password = MASK;
  for (const key of url.searchParams.keys()) if (/password/i.test(key)) url.searchParams.set(key, MASK);
  return url.href;
}
