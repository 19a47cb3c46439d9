import { Resolver } from "node:dns/promises";
import type { Config } from "@weft/platform/config";

const TIMEOUT_MS = 2_000;
const TRIES = 2;

/** The name has no such records, as opposed to name servers that do not answer. */
const absent: ReadonlySet<string> = new Set(["ENOTFOUND", "ENODATA"]);

/**
 * Returns the texts (TXT records) of a name, or null if the name servers do not answer. It asks those of `WEFT_DNS_SERVERS`, by default those of the
 * host.
 */
export async function findTexts({ dnsServers }: Pick<Config, "dnsServers">, name: string): Promise<readonly string[] | null> {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: TRIES });
  if (dnsServers.length > 0) resolver.setServers([...dnsServers]);
  try {
    // The parts of a long text.
    return (await resolver.resolveTxt(name)).map((parts) => parts.join(""));
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    return absent.has(code) ? [] : null;
  }
}
