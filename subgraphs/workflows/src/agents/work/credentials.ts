import { coversDomain, openSecrets, redactorOf } from "@weft/engine";
import { asTenant, quote } from "@weft/shared";
import type { StepContext } from "../../automation/performers/performer.js";
import type { Ended } from "./piece-of-work.js";
import { refusedByProfile } from "./refused-by-profile.js";

type Credential =
  | { readonly ok: true; readonly value: string; readonly redact: (text: string) => string }
  | { readonly ok: false; readonly ended: Ended };

const failed = (code: string, message: string): Credential => ({ ok: false, ended: { kind: "failed", code, message, isFinal: true } });

/**
 * Reads a secret that is sent to a URL. It is not sent to a host that the secret does not allow, and is part of no prompt. One that the security profile
 * of the run does not allow is not opened.
 */
export async function readCredential(context: StepContext, name: string, url: string): Promise<Credential> {
  const { services, tenantId, profile } = context;
  if (profile.secrets !== null && !profile.secrets.includes(name))
    return { ok: false, ended: await refusedByProfile(context, "secrets", `the secret ${quote(name)}`) };
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
