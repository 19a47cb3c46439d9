import { coversDomain, openSecrets, recordViolation, redactorOf } from "@weft/engine";
import { asTenant, quote } from "@weft/shared";
import type { StepContext } from "../../automation/performers/performer.js";
import { metaOfWork } from "../../due-work/meta-of-work.js";
import { findRunOfWork } from "./calls.store.js";
import type { Ended } from "./piece-of-work.js";

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
  if (profile.secrets !== null && !profile.secrets.includes(name)) {
    await refuse(context);
    const step = quote(context.step);
    return failed(
      "PROFILE_VIOLATION",
      `Step ${step}: the security profile ${quote(profile.key)} does not allow the secret ${quote(name)}.`,
    );
  }
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

async function refuse({ services: { databases, keyring }, tenantId, runId, step, profile }: StepContext): Promise<void> {
  const meta = metaOfWork("runs", tenantId, keyring);
  const violation = { rule: "secrets", step, profile: profile.key } as const;
  await asTenant(databases.app, { tenantId }, "write", async (tx) =>
    recordViolation(tx, meta, { ...(await findRunOfWork(tx, runId)), violation }),
  );
}
