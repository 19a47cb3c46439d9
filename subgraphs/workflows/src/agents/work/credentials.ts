import { coversDomain, openSecrets, redactorOf } from "@weft/engine";
import { asTenant } from "@weft/shared";
import type { StepContext } from "../../automation/performers/performer.js";
import type { Ended } from "./piece-of-work.js";

type Credential =
  | { readonly ok: true; readonly value: string; readonly redact: (text: string) => string }
  | { readonly ok: false; readonly ended: Ended };

/**
 * Reads a secret that is sent to a URL. It is not read if the security profile of the run does not allow it, not sent to a host that the secret does
 * not allow, and is part of no prompt.
 */
export async function readCredential({ services, tenantId, profile }: StepContext, name: string, url: string): Promise<Credential> {
  const failed = (code: string, message: string): Credential => ({ ok: false, ended: { kind: "failed", code, message, isFinal: true } });
  if (profile.secrets !== null && !profile.secrets.includes(name))
    return failed("PROFILE_VIOLATION", `The security profile ${profile.key} does not allow the secret ${name}.`);
  const opened = await asTenant(services.databases.app, { tenantId }, "write", (tx) =>
    openSecrets(tx, { secrets: services.secrets, tenantId }, [name]),
  );
  const secret = opened.get(name);
  if (secret === undefined) return failed("SECRET_UNKNOWN", `There is no secret ${name}. Create it, or change the agent.`);
  const { hostname } = new URL(url);
  if (secret.domains !== null && !secret.domains.some((domain) => coversDomain(domain, hostname)))
    return failed("DESTINATION_FORBIDDEN", `The secret ${name} cannot be sent to ${hostname}.`);
  return { ok: true, value: secret.value, redact: redactorOf(new Map([[name, secret.value]])).text };
}
