/** What receivers of streams ask for: which fields each transport has, and how they are stored. */
import { createSecureContext } from "node:tls";
import type { Problem } from "@weft/shared/errors";
import type { Tx } from "@weft/platform/db";
import type { TenantSecrets } from "@weft/platform/secrets";
import { headerProblems } from "../webhooks/webhook.terms.js";
import type { AuditStreamAccessInput } from "./stream.input.js";
import type { AuditStreamRow } from "./stream.store.js";
import type { AuditStreamTransport } from "./stream.type.js";

/** What a receiver asks for, decrypted. */
export interface StreamAccess {
  readonly headers?: Readonly<Record<string, string>>;
  readonly region?: string;
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  readonly caCertificate?: string;
  readonly clientCertificate?: string;
  readonly clientKey?: string;
}

const fieldsOf: Readonly<Record<AuditStreamTransport, readonly (keyof StreamAccess)[]>> = {
  HTTP: ["headers"],
  S3: ["region", "accessKeyId", "secretAccessKey"],
  SYSLOG: ["caCertificate", "clientCertificate", "clientKey"],
};

/** Certificates and keys are longer than other texts. */
const maxText = 20_000;

/** Position of a stream's access, which its ciphertext is bound to. */
const fieldOf = (id: string): string => `audit.streams.access/${id}`;

/** Returns what is given for each field, or the problems of an input. */
export function readAccess(
  transport: AuditStreamTransport,
  input: AuditStreamAccessInput | null | undefined,
): { readonly access: StreamAccess; readonly problems: readonly Problem[] } {
  const { headers, ...texts } = input ?? {};
  const given = Object.entries(texts).filter((entry): entry is [keyof StreamAccess, string] => typeof entry[1] === "string");
  const access: StreamAccess = {
    ...Object.fromEntries(given),
    ...(headers && { headers: Object.fromEntries(headers.map(({ name, value }) => [name, value])) }),
  };
  const problem = (name: string, message: string): Problem => ({ path: `input.access.${name}`, message });
  const known = fieldsOf[transport];
  const foreign = (Object.keys(access) as (keyof StreamAccess)[]).filter((name) => !known.includes(name));
  const problems = [
    ...foreign.map((name) => problem(name, `\`${name}\` is not for ${transport}. Its fields are: ${known.join(", ")}.`)),
    ...given.flatMap(([name, text]) =>
      text.length <= maxText && text.trim() !== ""
        ? []
        : [problem(name, `\`${name}\` must have 1 to ${maxText.toLocaleString("en")} characters.`)],
    ),
    ...headerProblems(headers, "access.headers"),
    ...(transport === "S3" ? known.filter((name) => access[name] === undefined).map((name) => problem(name, `S3 needs \`${name}\`.`)) : []),
    ...(transport === "SYSLOG" ? certificateProblems(access, problem) : []),
  ];
  return { access, problems };
}

function certificateProblems(
  { caCertificate: ca, clientCertificate: cert, clientKey: key }: StreamAccess,
  problem: (name: string, message: string) => Problem,
): Problem[] {
  const accepts = (options: Parameters<typeof createSecureContext>[0]): boolean => {
    try {
      createSecureContext(options);
      return true;
    } catch {
      return false;
    }
  };
  if ((cert === undefined) !== (key === undefined))
    return [
      problem(cert === undefined ? "clientCertificate" : "clientKey", "A client certificate and its key belong together. Pass both."),
    ];
  return [
    ...(ca !== undefined && !(isCertificate(ca) && accepts({ ca })) ? [problem("caCertificate", "This is not a certificate in PEM.")] : []),
    ...(cert !== undefined && key !== undefined && !(isCertificate(cert) && accepts({ cert, key }))
      ? [problem("clientCertificate", "The certificate and the key are not in PEM, have a passphrase, or do not belong together.")]
      : []),
  ];
}

// OpenSSL takes an empty list of authorities without complaint.
const isCertificate = (text: string): boolean => text.includes("-----BEGIN CERTIFICATE-----");

/** Names of what was given, as they are shown. */
export const namesOf = ({ headers = {}, ...texts }: StreamAccess): string[] => [
  ...Object.keys(headers).map((name) => `headers.${name}`),
  ...Object.keys(texts),
];

export async function sealAccess(
  tx: Tx,
  secrets: TenantSecrets,
  { tenantId, id, access }: { readonly tenantId: string; readonly id: string; readonly access: StreamAccess },
): Promise<Pick<AuditStreamRow, "access" | "accessNames">> {
  const [sealed = ""] = await secrets.seal(tx, tenantId, [{ field: fieldOf(id), value: JSON.stringify(access) }]);
  return { access: sealed, accessNames: namesOf(access) };
}

export async function openAccess(tx: Tx, secrets: TenantSecrets, { tenantId, id, access }: AuditStreamRow): Promise<StreamAccess> {
  const [opened = "{}"] = await secrets.open(tx, tenantId, [{ field: fieldOf(id), value: access }]);
  return JSON.parse(opened) as StreamAccess;
}
