import { coversDomain, openReadableSecrets, redactorOf, type Redactor } from "@weft/engine";
import { quote } from "@weft/shared/errors";
import { asTenant, type Tx } from "@weft/platform/db";
import type { StepContext } from "../../automation/performers/performer.js";
import type { UsedAgent } from "../agent-definition.js";
import type { Ended } from "./piece-of-work.js";
import { refusedByProfile } from "./refused-by-profile.js";
import { providerNow } from "./used-agent.store.js";

type NoCredential = { readonly ok: false; readonly ended: Ended };

type Credential = { readonly ok: true; readonly value: string; readonly redactor: Redactor } | NoCredential;

const parked = (code: string, message: string): NoCredential => ({ ok: false, ended: { kind: "parked", code, message } });

/** What is sent, and to which URL. */
interface Sending {
  readonly name: string;
  readonly url: string;
  /** Code and text of the failure if there is no such secret. */
  readonly missing: readonly [string, string];
}

/**
 * Reads a secret that is sent to a URL. It is not sent to a host that the secret does not allow, and is part of no prompt. One that the security profile
 * of the run does not allow is not opened. One that is missing, or that cannot be decrypted, lets the step wait until it is there.
 */
async function readSecret(context: StepContext, { name, url, missing }: Sending): Promise<Credential> {
  const { services, profile } = context;
  if (profile.secrets !== null && !profile.secrets.includes(name))
    return { ok: false, ended: await refusedByProfile(context, "secrets", `the secret ${quote(name)}`) };
  const { tenantId } = context;
  const opened = await inTenant(context, (tx) => openReadableSecrets(tx, { secrets: services.secrets, tenantId }, [name]));
  const secret = opened.get(name);
  if (secret === undefined) return parked(...missing);
  if (secret === null)
    return parked(
      "SECRET_UNREADABLE",
      `The secret ${quote(name)} cannot be decrypted: the encryption key is missing, or the stored value is damaged. Restore the key, and then retry.`,
    );
  const { hostname } = new URL(url);
  if (secret.domains !== null && !secret.domains.some((domain) => coversDomain(domain, hostname)))
    return {
      ok: false,
      ended: {
        kind: "failed",
        code: "DESTINATION_FORBIDDEN",
        message: `The secret ${name} cannot be sent to ${hostname}.`,
        isFinal: true,
      },
    };
  return { ok: true, value: secret.value, redactor: redactorOf(new Map([[name, secret.value]])) };
}

/** Reads the secret of a tool. */
export const readCredential = (context: StepContext, name: string, url: string): Promise<Credential> =>
  readSecret(context, { name, url, missing: ["SECRET_UNKNOWN", `There is no secret ${quote(name)}. Create it, and then retry.`] });

/** A provider that can be asked, and its API key. */
interface Reachable {
  readonly ok: true;
  readonly provider: UsedAgent["provider"];
  readonly apiKey: string | null;
  /** Removes the key. */
  readonly redactor: Redactor;
}

/** Returns the provider of an agent with its API key as they are now, or why it cannot be asked until somebody has done something. */
export async function reachProvider(context: StepContext, agent: UsedAgent): Promise<Reachable | NoCredential> {
  const provider = await inTenant(context, (tx) => providerNow(tx, agent.provider));
  const { key } = agent.provider;
  if (provider === null)
    return parked(
      "MODEL_PROVIDER_REMOVED",
      `The model provider ${quote(key)} of the agent ${quote(agent.key)} was deleted. Create it again with this key and the URL ${agent.provider.baseUrl}, and then retry.`,
    );
  if (provider.secret === null) return { ok: true, provider, apiKey: null, redactor: redactorOf(new Map()) };
  const missing = `There is no secret ${quote(provider.secret)}, which contains the key of the model provider ${quote(key)}. Create it, and then retry.`;
  const read = await readSecret(context, { name: provider.secret, url: provider.baseUrl, missing: ["MODEL_KEY_MISSING", missing] });
  return read.ok ? { ok: true, provider, apiKey: read.value, redactor: read.redactor } : read;
}

const inTenant = <Result>({ services, tenantId }: StepContext, run: (tx: Tx) => Promise<Result>): Promise<Result> =>
  asTenant(services.databases.app, { tenantId }, "write", run);
