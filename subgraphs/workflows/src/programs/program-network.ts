/** Decides what the programs of a step reach. */
import { allowsHost } from "@weft/engine";
import {
  allowedAddresses,
  isPortAllowed,
  isSocketListed,
  OutboundFailed,
  type OutboundPolicy,
  type Resolve,
} from "@weft/platform/outbound";
import type { ProgramNetwork } from "./program.js";
import type { NetworkAnswer, NetworkLimits, NetworkRefusal, NetworkTarget } from "./runner-network.js";

const LIMITS: NetworkLimits = { connections: 64, calls: 10_000, bytes: 1024 ** 3, idleMs: 60_000 };
/** Refusals that are logged one by one. */
const LOGGED = 50;

interface NetworkOptions {
  readonly policy: OutboundPolicy;
  /** Hosts of the security profile. */
  readonly domains: readonly string[];
  /** Is told each refusal, up to a number, in a sentence. */
  readonly log: (text: string) => void;
  readonly limits?: Partial<NetworkLimits>;
  readonly resolve?: Resolve;
}

/**
 * Returns the network of a program: the hosts of its profile, as far as the outbound policy allows their ports and addresses. Other protocols than TLS reach
 * only what the operators have listed.
 */
export function programNetwork({ policy, domains, log, limits, resolve }: NetworkOptions): ProgramNetwork {
  let refusals = 0;
  const onRefused = (written: string, { rule, message }: NetworkRefusal): void => {
    refusals++;
    if (refusals <= LOGGED) log(`The network refused ${JSON.stringify(written)} by the rule ${rule}: ${message}`);
    if (refusals === LOGGED) log("Further refusals are not logged.");
  };
  const decide = async (target: NetworkTarget): Promise<NetworkAnswer> => {
    const { host, port, isTunnel } = target;
    const refuse = (refusal: NetworkRefusal): NetworkAnswer => {
      onRefused(target.written, refusal);
      return { kind: "refused", ...refusal };
    };
    if (!allowsHost(domains, host)) return refuse({ rule: "domains", message: "The security profile of the run does not list this host." });
    const isListed = isSocketListed(policy, { host, port });
    if (!isTunnel && !isListed) return refuse({ rule: "outbound", message: "Only https:// is allowed." });
    try {
      const addresses = await allowedAddresses(policy, { host, port, ports: isPortAllowed, resolve });
      return { kind: "allowed", addresses, isTlsOnly: !isListed };
    } catch (error) {
      if (!(error instanceof OutboundFailed)) throw error;
      // The message quotes the host, which can be made of a secret.
      return error.reason === "FORBIDDEN"
        ? refuse({ rule: "outbound", message: "The installation does not allow this port, or an address of this host." })
        : { kind: "unreachable", message: "The host has no address." };
    }
  };
  const onLost = (): void => log("The network of the program has ended before it: its proxy could not bear what the program sent.");
  return { limits: { ...LIMITS, ...limits }, decide, onRefused, onLost };
}
