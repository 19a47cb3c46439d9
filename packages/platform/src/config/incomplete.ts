import { passkeyProblems } from "./passkeys.js";
import type { SettingValues } from "./settings.js";

const smsSettings = ["WEFT_SMS_URL", "WEFT_SMS_ACCOUNT", "WEFT_SMS_TOKEN", "WEFT_SMS_FROM"] as const;

/** Returns the problems of settings that depend on one another: one of them is set, and another is not, or does not fit. */
export function incompleteSettings(values: Partial<SettingValues>): string[] {
  const given = smsSettings.find((name) => values[name] !== undefined);
  const ofSms =
    given === undefined ? [] : smsSettings.filter((name) => values[name] === undefined).map((name) => `${name}: is required with ${given}`);
  const { WEFT_MAIL_BOUNCES: bounces, WEFT_INBOUND_MAIL_DOMAIN: domain } = values;
  const { WEFT_VAULT_URL: vault, WEFT_VAULT_TRANSIT_KEY: transit } = values;
  return [
    ...ofSms,
    ...passkeyProblems(values),
    ...(bounces === "on" && domain === undefined ? ["WEFT_INBOUND_MAIL_DOMAIN: is required with WEFT_MAIL_BOUNCES=on"] : []),
    ...vaultLoginProblems(values),
    ...(transit !== undefined && vault === undefined ? ["WEFT_VAULT_URL: is required with WEFT_VAULT_TRANSIT_KEY"] : []),
  ];
}

const vaultLogins = ["WEFT_VAULT_TOKEN_FILE", "WEFT_VAULT_ROLE_ID", "WEFT_VAULT_KUBERNETES_ROLE"] as const;

/** Of several ways to log in at the server of secrets, it would not be clear which one is used. */
function vaultLoginProblems(values: Partial<SettingValues>): string[] {
  const { WEFT_VAULT_URL: url, WEFT_VAULT_ROLE_ID: roleId, WEFT_VAULT_SECRET_ID_FILE: secretIdFile } = values;
  const given = vaultLogins.filter((name) => values[name] !== undefined);
  return [
    ...(url !== undefined && given.length === 0
      ? ["WEFT_VAULT_TOKEN_FILE: is required with WEFT_VAULT_URL, unless WEFT_VAULT_ROLE_ID or WEFT_VAULT_KUBERNETES_ROLE is set"]
      : []),
    ...(given.length > 1 ? [`${given[0]}: is set together with ${given.slice(1).join(" and ")}. Keep one of them`] : []),
    ...(roleId !== undefined && secretIdFile === undefined ? ["WEFT_VAULT_SECRET_ID_FILE: is required with WEFT_VAULT_ROLE_ID"] : []),
  ];
}
