import { allowsHost } from "@weft/engine";
import { type OutboundClient, OutboundFailed } from "@weft/platform/outbound";

/** Returns a client that reaches only the hosts that the security profile of the run allows. Null: all that the installation allows. */
export const outboundOfProfile = (outbound: OutboundClient, domains: readonly string[] | null): OutboundClient =>
  domains === null
    ? outbound
    : {
        request: async (request) => {
          const host = URL.canParse(request.url) ? new URL(request.url).hostname : "";
          if (!allowsHost(domains, host))
            throw new OutboundFailed("FORBIDDEN", `The security profile of the run does not allow the host ${host}.`);
          return outbound.request(request);
        },
        close: () => outbound.close(),
      };
